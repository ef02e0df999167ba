"""Days by order (SUB-04, PLN-04): classes that learn at a distance, in quarantine or otherwise, and classes whose lessons fall out.

An order is a row of the calendar for each class, or one for the whole school. Lessons at a distance stay lessons: they are held, marked
and counted. Lessons that fall out are cancelled with the order as their reason, and the plans they were taken from are shown as affected.
"""

from datetime import date, timedelta

import models as m
from history import Actor
from rulebook.checks import clause_in_words, said
from rulebook.rules import Rules

KINDS = {"distance": m.N_("lessons at a distance"), "cancelled": m.N_("lessons fall out")}
PRESENCE = {  # quarantine.mode → who is present at a lesson at a distance
    "flag": m.N_("Present is whoever was in touch at the lesson; «н» is for those who were not."),
    "instruction": m.N_("Work by the instruction: present is whoever did on the day what it asks for; «н» is for those who did not."),
    "courses": m.N_("Present is whoever did the task of the distance course on the day; «н» is for those who did not."),
}


_SCOPE = ("year", "kind", "starts", "name", "order_no", "school_class", "grade_from", "grade_to", "week_days")


def presence(rules: Rules) -> m.Text:
    """How attendance is stated at a lesson at a distance under this regulation."""
    return m.Text(PRESENCE[rules.value("quarantine.mode")])


def order_over(lesson) -> m.Holiday | None:
    """The order by which the lesson is given at a distance to its class, or in a stream to one of its classes. Mostly one query."""
    orders = m.Holiday.at_distance(lesson.day, lesson.day)
    if not orders:
        return None
    classes = [lesson.course.unit.school_class] if lesson.course.unit.school_class_id else list(m.SchoolClass.select().join(
        m.Enrolment).join(m.Membership, on=(m.Membership.pupil == m.Enrolment.pupil)).where(
        (m.Membership.unit == lesson.course.unit_id) & m.Membership.covers(lesson.day) & (m.Enrolment.starts <= lesson.day)
        & (m.Enrolment.ends.is_null() | (m.Enrolment.ends >= lesson.day))).distinct())
    return next((order for order in orders if any(order.concerns(each) for each in classes)), None)


def lay(by: Actor, rules: Rules, orders: list[m.Holiday]) -> tuple[int, int]:
    """Write orders (unsaved rows, a class each or the whole school) that say the same; tell the teachers. (Lessons concerned, lessons of
    these days that stay because something is entered in them.)"""
    for order in orders:
        check(rules, order)
    with m.writing(by, orders[0].in_words):
        for order in orders:
            order.save(force_insert=True)
        fell_out = sum(follow(by, None, order) for order in orders)
        _tell(by, orders)
    standing = sum(m.Lesson.select().where(order.covers(m.Lesson) & (m.Lesson.state != "cancelled")).count() for order in orders)
    return (fell_out, standing) if orders[0].kind == "cancelled" else (standing, 0)


def end(by: Actor, rules: Rules, order: m.Holiday, last: date) -> None:
    """Let an order end on another day; before its first day it is taken back altogether."""
    before = m.Holiday.get_by_id(order.id)
    order.ends = max(last, order.starts)
    check(rules, order)
    with m.writing(by, order.in_words):
        if last < order.starts:
            follow(by, before, None)
            order.delete_instance()
        else:
            order.save(only=[m.Holiday.ends])
            follow(by, before, order)


def follow(by: Actor, before: m.Holiday | None, after: m.Holiday | None) -> int:
    """Make the lessons what an order says that was written, changed or taken back; how many fell out by it. Refused when that would
    touch a closed period. Inside `writing`."""
    for changed in _changed(before, after):
        _check_open(changed)
    if before is not None and before.kind == "cancelled":
        m.Lesson.come_back(by, before, after if after is not None and after.kind == "cancelled" else None)
    return m.Lesson.fall_out(by, after) if after is not None and after.kind == "cancelled" else 0


def check(rules: Rules, order: m.Holiday) -> None:
    """Raises Refused for an order that cannot be: without a number, out of the year, beside another of its kind, or without the
    instruction that the regulation wants (D0 §8)."""
    if order.kind not in KINDS:
        return
    if not order.order_no.strip():
        raise m.Refused(m.Text(m.N_("Give the number of the order: the days hold by it.")), "order_no")
    if not order.year.starts <= order.starts <= order.ends <= order.year.ends:
        raise m.Refused(m.Text(m.N_("The days lie in the school year, the last one not before the first.")), "ends")
    rule = rules["quarantine.mode"]
    if order.kind == "distance" and rule.value == "instruction" and not order.instruction.strip():
        raise m.Refused(said(m.Text(m.N_("Lessons at a distance follow a special instruction.")), clause_in_words(rules, rule),
                             m.Text(m.N_("Give its name or a link to it."))), "instruction")
    same = m.Holiday.select().where(
        (m.Holiday.kind == order.kind) & (m.Holiday.id != (order.id or 0)) & (m.Holiday.starts <= order.ends) & (
            m.Holiday.ends >= order.starts) & (m.Holiday.school_class.is_null() | (m.Holiday.school_class == order.school_class_id)))
    other = next((each for each in same if order.school_class is None or each.concerns(order.school_class)), None)
    if other:
        raise m.Refused(m.Text(m.N_("These days are in another order already: %(order)s."), order=other.in_words), "starts")


def _changed(before: m.Holiday | None, after: m.Holiday | None) -> list[m.Holiday]:
    """The days, as orders, for which something is another now; of one that ends on another day only those between the two ends."""
    both = [each for each in (before, after) if each is not None and each.kind in KINDS]
    if len(both) < 2 or any(vars(before)["__data__"][name] != vars(after)["__data__"][name] for name in _SCOPE):
        return both
    first, last = sorted((before.ends, after.ends))
    values = {name: vars(after)["__data__"][name] for name in _SCOPE}
    return [m.Holiday(**values | {"starts": first + timedelta(days=1), "ends": last})] if first < last else []


def _check_open(order) -> None:
    shut = m.PeriodClosure.standing().join(m.Period, on=(m.PeriodClosure.period == m.Period.id)).where(
        (m.Period.starts <= order.ends) & (m.Period.ends >= order.starts))
    closed = next((each for each in shut if order.concerns(each.school_class)), None)
    if closed:
        raise m.Refused(m.Text(m.N_("%(period)s is closed for %(name)s: the days of it stay as they are."), period=closed.period.name,
                               name=closed.school_class.name), "starts")


def _tell(by: Actor, orders) -> None:
    """Those who give the lessons of these days and lead these classes learn of it."""
    one, classes = orders[0], ", ".join(order.school_class.name for order in orders if order.school_class)
    people = set()
    for order in orders:
        people |= {person for person, in m.Lesson.select(m.Lesson.teacher).where(
            order.covers(m.Lesson) & m.Lesson.teacher.is_null(False)).distinct().tuples()}
        led = m.Appointment.on(one.starts).select(m.Appointment.person).where(m.Appointment.role == "CT")
        led = led.where(m.Appointment.school_class == order.school_class) if order.school_class else led
        people |= {person for person, in led.tuples()}
    words = {"distance": m.N_("%(classes)s at a distance, %(first)s – %(last)s: %(order)s. The lessons are kept as usual."),
             "cancelled": m.N_("Lessons of %(classes)s fall out, %(first)s – %(last)s: %(order)s. See how the plan catches up.")}
    about = {"classes": classes or m.Text(m.N_("The whole school")), "first": one.starts, "last": one.ends, "order": one.in_words}
    m.Notice.tell(by, people - {by.person}, m.Text(words[one.kind], **about), "/plans/calendar" if one.kind == "cancelled" else "/orders/")
