"""What the demo's people have confirmed since September: lists, data and absences of classes, control, analyses; and remarks on journals.

Not everything: two class teachers are behind with absences, one with data, some control works wait for their analysis.
"""

from datetime import date, time, timedelta

import clock
import models as m
import policies
import rulebook.duties
import rulebook.remarks
from history import Actor

LISTS, SENT_BACK = date(2026, 9, 3), date(2026, 12, 7)
MONTHLY = (date(2026, 9, 28), date(2026, 10, 20), date(2026, 11, 24))
CONTROLS = ((date(2026, 9, 29), "Журналы заведены, КТП есть у всех"), (date(2026, 10, 27), "I четверть закрыта"),
            (date(2026, 11, 27), "Замечания учителям записаны"))
BEHIND = 2  # of class teachers with the absences of the last week


def confirm(by: Actor, year: m.Year, roles: dict[str, m.Person], today: date) -> None:
    """All of it, by its people, in one act."""
    leaders = list(m.Appointment.on(today).where(m.Appointment.role == "CT").join(m.SchoolClass).where(m.SchoolClass.year == year).order_by(
        m.SchoolClass.sort))
    rows = [("list", roles["secretary"].id, "SEC", each.school_class_id, None, None, LISTS, "") for each in leaders]
    own = {roles["classteacher"].id}
    late = [each for each in leaders if each.person_id not in own][:BEHIND]
    for day in MONTHLY:
        rows += [("list", each.person_id, "CT", each.school_class_id, None, None, day, "") for each in leaders
                 if each is not late[0] or day != MONTHLY[-1]]
    for friday in _fridays(today):
        rows += [("attendance", each.person_id, "CT", each.school_class_id, None, None, friday, "") for each in leaders
                 if each not in late or friday < today - timedelta(days=10)]
    rows += [("control", roles["deputy"].id, "ZAV", None, None, None, day, note) for day, note in CONTROLS]
    rows += _analyses(today, roles)
    fields = [getattr(m.Confirmation, name) for name in ("kind", "person", "role", "school_class", "course", "period", "day", "note", "at")]
    with m.writing(by, "Подтверждения с сентября"):
        m.insert_rows(m.Confirmation, fields, [(*row, clock.at(row[6], time(15, 20))) for row in rows])


def _fridays(today: date) -> list[date]:
    """The Fridays of weeks with lessons that are over."""
    days = {day for day, in m.Lesson.select(m.Lesson.day).distinct().where(m.Lesson.day < today).tuples()}
    return sorted(day for day in days if day.isoweekday() == 5)


def _analyses(today: date, roles) -> list[tuple]:
    """Of the control works of finished periods, by the teachers; the deputy has not found the time."""
    busy = roles["deputy"].id
    found = rulebook.duties.unanalysed(today).join(
        m.Assignment, on=(m.Assignment.course == m.Lesson.course) & (m.Assignment.starts <= today) & m.Assignment.ends.is_null()).where(
        (m.Period.ends < today) & (m.Assignment.teacher != busy)).select(
        m.Assignment.teacher, m.Lesson.course, m.Period.id, m.Period.ends).distinct().tuples()
    return [("analysis", teacher, "T", None, course, period, ends - timedelta(days=1), "Ошибки в вычислениях, повторить на двух уроках")
            for teacher, course, period, ends in found]


def remark(roles: dict[str, m.Person], today: date) -> None:
    """Two remarks of the deputy: an old one that is closed, and one that waits for the class teacher's answer."""
    deputy, teacher = roles["deputy"], roles["classteacher"]
    course = m.Course.select().join(m.Assignment).where(m.Assignment.teacher == teacher).order_by(m.Course.id.desc()).first()
    at = clock.at(SENT_BACK, time(14, 5))
    by, answerer = (Actor(person.short_name, at, person.id) for person in (deputy, teacher))
    leader, addressee = (policies.user_of(person.id, person.short_name, SENT_BACK) for person in (deputy, teacher))
    first = rulebook.remarks.write(leader, by, teacher.id, "Проверьте домашние задания за прошлую неделю: к двум урокам их нет.",
                                   SENT_BACK + timedelta(days=3), course=course)
    rulebook.remarks.answer(addressee, answerer, first, "Задания записаны, спасибо.")
    rulebook.remarks.close(leader, by, first)
    for person in (deputy, teacher):
        m.Notice.read(by, [notice.id for notice in m.Notice.of_person(person.id)])
    at = clock.at(today, time(9, 15))
    rulebook.remarks.write(leader, Actor(deputy.short_name, at, deputy.id), teacher.id,
                           "Мало отметок к концу четверти: опросите учеников, у которых их меньше трёх.",
                           today + timedelta(days=4), course=course)


# Login → parts of the journal it opens, and how many school days of five.
USE = {"teacher": ("journal results plans duties", 5), "classteacher": ("journal duties documents", 5), "substitute": ("journal", 3),
       "deputy": ("journal control compliance duties results documents plans", 5), "director": ("control journal", 2),
       "admin": ("duties lists documents compliance", 4), "secretary": ("lists documents duties", 4), "parent": ("diary marks", 4),
       "parent2": ("diary", 1), "pupil": ("diary marks finals", 5), "pupil2": ("diary", 2)}


def use(today: date) -> None:
    """Who of those with an account opened the journal since September (CTL-13)."""
    days = [day for day, in m.Lesson.select(m.Lesson.day).distinct().where(m.Lesson.day < today).tuples()]
    rows = [{"account": account, "day": day, "part": part} for account, login in m.Account.select(m.Account.id, m.Account.login).tuples()
            for day in days if (day.toordinal() + account) % 5 < USE.get(login, ("", 0))[1] for part in USE[login][0].split()]
    for chunk in range(0, len(rows), 500):
        m.UseDay.insert_many(rows[chunk:chunk + 500]).execute()
