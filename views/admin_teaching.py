"""Administrative screens of teaching: groups, curriculum, plans, courses, load, timetable, substitutions."""

from datetime import timedelta

from flask import abort, flash, redirect, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from flask_babel import ngettext

import clock
import models as m
import policies
import rulebook.rules
from views import visitor
from views.admin_marking import keep_scale
from views.admin_doors import Door, Verb
from views.base import Screen
from views.language import say


def staff_only(query):
    """Only people with a staff card can be given lessons."""
    return query.where(m.Person.id.in_(m.Employee.select(m.Employee.person)))


class SubgroupSetScreen(Screen):
    table = m.SubgroupSet
    column_list = form_columns = ("school_class", "name")
    default_order = "school_class"
    search_paths = ("name", "school_class.name")
    filter_columns = ("school_class",)
    related = ((m.Unit, "subgroup_set"),)


class UnitScreen(Screen):
    table = m.Unit
    column_list = ("name", "kind", "year", "school_class", "subgroup_set", "number")
    form_columns = ("year", "kind", "name", "school_class", "subgroup_set", "number")
    default_order = "school_class"
    search_paths = ("name", "school_class.name")
    filter_columns = ("year", "kind", "school_class", "subgroup_set")
    related = ((m.Course, "unit"), (m.UnitMember, "unit"))

    def check(self, record):
        if record.kind == "class" and record.school_class is None:
            raise m.Refused(m.Text(m.N_("Choose the class")), "school_class")
        if record.kind != "subgroup":
            return
        if record.subgroup_set is None or record.number is None:
            raise m.Refused(m.Text(m.N_("A subgroup belongs to a set and has a number in it")),
                            "number" if record.subgroup_set else "subgroup_set")
        record.school_class = record.subgroup_set.school_class


class UnitMemberScreen(Screen):
    table = m.UnitMember
    rule = "rights.group_editor"
    column_list = ("pupil", "unit", "starts", "ends")
    form_columns = ("unit", "pupil", "starts", "ends")
    edit_columns = ("ends",)
    default_order = "pupil"
    search_paths = ("pupil.person.search", "unit.name")
    filter_columns = ("unit", "pupil")

    def narrow_unit(self, query):
        return query.where(m.Unit.kind != "class")

    def write(self, form, record, created):
        """Into a subgroup means out of the others of its set (CNT-07)."""
        if not created:
            standing = m.UnitMember.get_by_id(record.id)
            if standing.ends != record.ends:
                self._judge_end(standing, (record.ends or standing.ends) + timedelta(days=1))
            return super().write(form, record, created)
        by = visitor.actor()
        if record.unit.kind == "subgroup" and record.unit.moves(record.pupil, record.starts):
            self._judge_move(record.unit, record.starts, "starts")
        record.unit.join(by, record.pupil, record.starts)
        if record.ends:
            record.unit.leave(by, record.pupil, record.ends)
        return m.UnitMember.get((m.UnitMember.unit == record.unit) & (m.UnitMember.pupil == record.pupil)
                                & (m.UnitMember.starts == record.starts))

    def remove(self, record):
        """A membership that has begun is ended, not struck out: nobody would know who was where."""
        if record.starts < visitor.user().today:
            self._judge_end(record, visitor.user().today)
        super().remove(record)

    def _judge_end(self, standing, day):
        """Out of a subgroup while still in the class is the beginning of a move (CNT-08)."""
        unit = standing.unit
        if unit.kind == "subgroup" and m.Enrolment.on(day).where(
                (m.Enrolment.pupil == standing.pupil_id) & (m.Enrolment.school_class == unit.school_class_id)).exists():
            self._judge_move(unit, day, "ends")

    def _judge_move(self, unit, day, field):
        """From one subgroup to another in the year (CNT-08); the first division is none."""
        periods = m.Period.select().where(m.Period.period_set == unit.school_class.period_set_id).order_by(m.Period.starts)
        decision = policies.judge_group_move(rulebook.rules.rules_on(day), visitor.user(), day, list(periods))
        if not decision.ok:
            raise m.Refused(decision.message, field)
        if decision.message:
            flash(say(decision.message), "warning")


class CurriculumScreen(Screen):
    table = m.CurriculumLine
    column_list = form_columns = ("school_class", "subject", "weekly_hours", "weeks", "year_hours", "component")
    default_order = "school_class"
    search_paths = ("school_class.name", "subject.name")
    filter_columns = ("school_class", "subject")


class PlanScreen(Screen):
    table = m.Plan
    column_list = ("name", "subject", "grade", "year", "author", "shared", "approved_at", "source")
    form_columns = ("year", "subject", "grade", "name", "author", "shared", "source")
    default_order = "name"
    search_paths = ("name", "subject.name", "author.search")
    filter_columns = ("year", "grade", "subject", "author")
    related = ((m.PlanTopic, "plan"), (m.Course, "plan"))
    verbs = (Verb(N_("Open the table of topics"), lambda plan: True, address=lambda plan: url_for("plans.page", plan=plan.id)),)
    doors = (Door(N_("Plans"), "plans.index", policies.SCREENS[m.Plan]),)

    def narrow_author(self, query):
        return staff_only(query)

    def write(self, form, record, created):
        """An approval is of a plan for its subject, grade and year (PLN-03)."""
        stood = None if created else m.Plan.get_by_id(record.id)
        if stood and (stood.year_id, stood.subject_id, stood.grade) != (record.year_id, record.subject_id, record.grade):
            record.approved_at = record.approved_by = None
        super().write(form, record, created)

    def suggested(self):
        me = {} if visitor.user().has("ADM") else {"author": m.Person.get_by_id(visitor.user().person)}
        return me | super().suggested()


class PlanTopicScreen(Screen):
    """To look through: topics are written in the table of their plan, all at once."""

    table = m.PlanTopic
    column_list = ("number", "topic", "section", "hours", "work_kind", "plan")
    details_more = ("homework",)
    default_order = "number"
    search_paths = ("topic", "section", "plan.name")
    filter_columns = ("plan",)
    doors = (Door(N_("Plans"), "plans.index", policies.SCREENS[m.PlanTopic]),)


class CourseScreen(Screen):
    table = m.Course
    column_list = ("unit", "subject", "teachers", "weekly_hours", "plan", "grading")
    form_columns = ("unit", "subject", "weekly_hours", "plan", "grading")
    edit_columns = ("weekly_hours", "plan", "grading")
    default_order = "unit"
    search_paths = ("unit.name", "subject.name")
    filter_columns = ("unit.school_class", "subject", "unit", "plan")
    related = ((m.Assignment, "course"), (m.Lesson, "course"), (m.Slot, "course"), (m.PeriodMark, "course"))

    def check(self, record):
        super().check(record)
        if record.id:
            keep_scale(record, m.Course, m.Mark.select().join(m.Lesson).where(m.Lesson.course == record))

    def completed(self, rows):
        """Teachers of today of all courses of a page, in one query."""
        teachers = {}
        for each in m.Assignment.on(clock.today()).select(m.Assignment, m.Person).join(m.Person).where(
                m.Assignment.course.in_([row.id for row in rows])):
            teachers.setdefault(each.course_id, []).append(each.teacher.short_name)
        for row in rows:
            row.teacher_names = ", ".join(teachers.get(row.id, ()))
        return rows

    def col_teachers(self, row):
        if not hasattr(row, "teacher_names"):
            self.completed([row])
        return row.teacher_names


class AssignmentScreen(Screen):
    table = m.Assignment
    column_list = ("teacher", "course", "hours", "starts", "ends", "order_no")
    form_columns = ("course", "teacher", "hours", "starts", "ends", "order_no")
    edit_columns = ("hours", "starts", "ends", "order_no")
    default_order = "teacher"
    search_paths = ("teacher.search", "course.unit.name", "course.subject.name", "order_no")
    filter_columns = ("course.subject", "course", "teacher")

    def narrow_teacher(self, query):
        return staff_only(query)

    def write(self, form, record, created):
        """A new teacher without an end takes the course over: the former one's days end the day before."""
        standing = m.Assignment.select().where((m.Assignment.course == record.course) & (
            m.Assignment.ends.is_null() | (m.Assignment.ends >= record.starts))).exists()
        if not created or record.ends or not standing:
            return super().write(form, record, created)
        record.course.hand_over(visitor.actor(), record.teacher, record.starts, record.order_no)
        new = m.Assignment.get((m.Assignment.course == record.course) & (m.Assignment.starts == record.starts))
        new.hours = record.hours or new.hours
        new.save()
        return new


class TimetableScreen(Screen):
    table = m.Timetable
    column_list = ("name", "year", "starts", "ends", "published_at")
    form_columns = ("year", "name", "starts", "ends")
    details_template = "admin/timetable.html"
    default_order, descending = "starts", True
    filter_columns = ("year",)
    related = ((m.Slot, "timetable"),)
    verbs = (Verb(N_("Publish: make the lessons"), lambda version: policies.allows(visitor.user(), "publish", version),
                  N_("Only future lessons that nobody has filled are touched."), endpoint="publish_view"),)

    def beside(self, record):
        return super().beside(record) | {"clashes": [say(clash.text) for clash in record.clashes()], "change": record.change(clock.now())}

    def check(self, record):
        super().check(record)
        if record.starts < record.year.starts or record.ends > record.year.ends:
            raise m.Refused(m.Text(m.N_("The year %(year)s lasts from %(starts)s to %(ends)s"), year=record.year.name,
                                   starts=record.year.starts, ends=record.year.ends), "starts")

    @expose("/publish/", methods=("POST",))
    def publish_view(self):
        """PLN-01: a version with clashes is not published; both sides of each are named."""
        version = self.get_one(self.asked_id())
        if not policies.allows(visitor.user(), "publish", version):
            abort(403)
        try:
            counts = version.publish(visitor.actor(), clock.now())
        except m.Refused as refusal:
            flash(say(refusal.text), "error")
        else:
            flash(_("Published. Lessons made: %(made)s, changed: %(changed)s, withdrawn: %(withdrawn)s.", **counts), "success")
            if counts["left"]:
                flash(ngettext("%(num)s lesson stays as it is: its period is closed, and nothing in it changes.",
                               "%(num)s lessons stay as they are: their periods are closed, and nothing in them changes.",
                               counts["left"]), "warning")
        return redirect(self.get_url(".details_view", id=version.id))


class SlotScreen(Screen):
    table = m.Slot
    column_list = ("weekday", "number", "course", "teacher", "room", "week", "timetable")
    form_columns = ("timetable", "course", "weekday", "number", "room", "teacher", "week")
    default_order = "weekday"
    search_paths = ("course.unit.name", "course.subject.name", "teacher.search", "room.name")
    filter_columns = ("timetable", "course.unit.school_class", "weekday", "room", "course", "teacher")

    def narrow_teacher(self, query):
        return staff_only(query)


class SubstitutionScreen(Screen):
    table = m.Substitution
    column_list = ("lesson", "absent", "substitute", "kind", "reason", "paid", "order_no")
    form_columns = ("lesson", "substitute", "kind", "reason", "paid", "order_no")
    edit_columns = ("substitute", "kind", "reason", "paid", "order_no")
    default_order, descending = "lesson", True
    search_paths = ("substitute.search", "absent.search", "reason", "order_no")
    filter_columns = ("lesson.day", "kind", "lesson")

    def narrow_substitute(self, query):
        return staff_only(query)

    def check(self, record):
        """The teacher of the lesson is whom the substitute stands in for."""
        record.absent = record.lesson.teacher
        if record.absent_id and record.absent_id == record.substitute.id:
            raise m.Refused(m.Text(m.N_("This is the lesson's own teacher")), "substitute")

    def write(self, form, record, created):
        """As at the page of substitutions: whoever has written in the lesson stays in the register (SUB-03)."""
        if created:
            return super().write(form, record, created)
        paper = {name: getattr(record, name) for name in ("kind", "reason", "paid", "order_no")}
        m.Substitution.appoint(visitor.actor(), m.Lesson.get_by_id(record.lesson_id), record.substitute_id, **paper)
        return m.Substitution.get(m.Substitution.lesson == record.lesson_id)

    def remove(self, record):
        m.Substitution.appoint(visitor.actor(), m.Lesson.get_by_id(record.lesson_id), None)


SCREENS = (SubgroupSetScreen, UnitScreen, UnitMemberScreen, CurriculumScreen, PlanScreen, PlanTopicScreen, CourseScreen,
           AssignmentScreen, TimetableScreen, SlotScreen, SubstitutionScreen)
