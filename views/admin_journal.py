"""Administrative screens of the journal: lessons, marks, absences, homework, period marks. Whatever is changed here goes the
way of the grid: the functions of policies «the one way to change the journal», with their verdicts and their history."""

from dataclasses import replace

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

import clock
import models as m
import policies
import rulebook.entries
import rulebook.facts
import rulebook.homework
import rulebook.journal
import rulebook.lesson_desk
import rulebook.works
from views import visitor
from views.admin_doors import Door, Verb
from views.base import Screen
from views.fields import Day, Whole
from views.language import say

COURSE = ("lesson.course.unit.name", "lesson.course.subject.name")
TEACHERS = ("T", "MAS")


def accept(state: str, message, field: str) -> None:
    """Refused with the verdict's own words when it does not let the change pass."""
    if state not in ("saved", "late"):
        raise m.Refused(message, "why" if state == "reason_required" else field)


def take_receipt(lesson: int, received_at, work: int | None, why: str, was) -> None:
    """When the results of an external work came, if the form says otherwise than it stands."""
    if received_at == was:
        return
    decision = rulebook.works.put_received(visitor.user(), visitor.actor(), lesson, received_at, work, why)
    accept(decision.state, decision.message, "received_at")


def own_lessons(query):
    """Of the lessons seen, those that this user fills in."""
    user = visitor.user()
    return query.where(m.Lesson.course.in_(list(user.taught)) | m.Lesson.id.in_(list(user.substituted)))


class OfJournal(Screen):
    """A table of the journal: rows open for reading, changes are judged, a foreign journal is the common 403."""

    counted = False
    default_order, descending = "id", True
    extra_fields = {"why": 300}
    creators = TEACHERS

    def _written(self, form, record, created):
        try:
            return super()._written(form, record, created)
        except rulebook.entries.Foreign:
            abort(403)

    def delete_model(self, record):
        try:
            return super().delete_model(record)
        except rulebook.entries.Foreign:
            abort(403)

    def own_page(self, record, back):
        return self.get_url(".details_view", id=record.get_id(), url=back)

    def narrow_lesson(self, query):
        return own_lessons(query)

    def advice(self):
        return _("Rows appear here as teachers fill the journal.")


class LessonScreen(OfJournal):
    table = m.Lesson
    column_list = ("day", "number", "course", "teacher", "state", "topic", "kind", "room")
    details_more = ("reason", "work_topic", "plan_topic", "topic_at", "topic_late", "attendance_at", "attendance_by",
                    "attendance_late", "received_at", "starts", "ends")
    form_columns = create_columns = ("course", "day", "number", "teacher", "room")
    edit_columns = ("topic", "plan_topic", "kind", "work_topic", "received_at", "why")
    details_template = "admin/lesson.html"
    creators = None
    default_order = "day"
    search_paths = ("topic", "course.unit.name", "course.subject.name", "teacher.search")
    filter_columns = ("day", "state", "course.unit.school_class", "course.subject", "course", "teacher")
    related = ((m.Mark, "lesson"), (m.Absence, "lesson"), (m.Homework, "lesson"), (m.Work, "lesson"), (m.Remark, "lesson"),
               (m.Substitution, "lesson"))

    def permitted(self, verb, record):
        """Planners add, cancel and move lessons; topics are written by whoever gives the lesson."""
        return policies.allows(visitor.user(), "write" if verb == "edit" else verb, record)

    def narrow_teacher(self, query):
        return query.where(m.Person.id.in_(m.Employee.select(m.Employee.person)))

    def fill(self, form, record):
        if "topic" not in form:
            super().fill(form, record)

    def write(self, form, record, created):
        by = visitor.actor()
        if created:
            rulebook.journal.check_planning(record.course, record.day)
            return record.course.add_lesson(by, record.day, record.number, record.teacher, record.room)
        data = form.data
        decision = rulebook.journal.put_topic(
            visitor.user(), by, record.id, data["topic"], plan_topic=data["plan_topic"] and data["plan_topic"].id,
            kind=data["kind"] and data["kind"].id, work_topic=data["work_topic"], reason=data["why"])
        accept(decision.state, decision.message, "topic")
        take_receipt(record.id, data["received_at"], None, data["why"], record.received_at)
        return self.get_one(record.id)

    def beside(self, record):
        planner = policies.allows(visitor.user(), "create", record)
        return super().beside(record) | {"may_plan": planner, "today": visitor.user().today}

    @expose("/cancel/", methods=("POST",))
    def cancel_view(self):
        return self._plan(lambda lesson, by: lesson.cancel(by, request.form.get("reason", "")[:150]), _("The lesson is cancelled."))

    @expose("/restore/", methods=("POST",))
    def restore_view(self):
        return self._plan(lambda lesson, by: lesson.restore(by), _("The lesson takes place again."))

    @expose("/move/", methods=("POST",))
    def move_view(self):
        return self._plan(self._move, _("The lesson is moved."))

    def _move(self, lesson, by):
        try:
            day, number = Day.read(request.form.get("day", "")), Whole.read(request.form.get("number", ""))
        except ValueError as error:
            raise m.Refused(m.Text(str(error))) from None
        rulebook.journal.check_planning(lesson.course, day)
        lesson.move(by, day, number, request.form.get("reason", "")[:100])

    def _plan(self, verb, done: str):
        lesson = self.get_one(self.asked_id())
        if not policies.allows(visitor.user(), "create", lesson):
            abort(403)
        try:
            rulebook.journal.check_planning(lesson.course, lesson.day)
            verb(lesson, visitor.actor())
        except m.Refused as refusal:
            flash(say(refusal.text), "error")
        else:
            flash(done, "success")
        return redirect(self.get_url(".details_view", id=lesson.id))


class OfCell(OfJournal):
    """Marks and absences: what is written is the whole cell, as in the grid."""

    create_columns = ("lesson", "pupil", "work", "value", "due", "why", "protocol_text")
    edit_columns = ("value", "due", "why", "protocol_text")
    extra_fields = {"value": 20, "why": 300, "protocol_text": 100}

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        if request.method == "GET":
            form["value"].process(None, str(self.cell(obj)))
        return form

    def cell(self, record) -> rulebook.facts.Cell:
        """What the record's cell holds now."""
        marks = m.Mark.select(m.Mark.value).where((m.Mark.lesson == record.lesson) & (m.Mark.pupil == record.pupil) & (
            m.Mark.work == work_of(record) if work_of(record) else m.Mark.work.is_null())).order_by(m.Mark.position)
        values = [row.value for row in marks]
        absence = m.Absence.get_or_none((m.Absence.lesson == record.lesson) & (m.Absence.pupil == record.pupil))
        return rulebook.facts.Cell(absence.code if absence else "", tuple(v for v in values if v != "."), "." in values)

    def fill(self, form, record):
        for name in ("lesson", "pupil", "work"):
            if name in form:
                setattr(record, name, form[name].data)

    def write(self, form, record, created):
        self.put(record, form["value"].data, form["why"].data, protocol=form["protocol_text"].data or None, due=form["due"].data)
        return self.standing(record)

    def remove(self, record):
        self.put(record, str(self.without(record)))

    def put(self, record, value: str, why: str = "", **told) -> None:
        entry = rulebook.entries.Entry(record.pupil_id, value, record.lesson_id, work=work_of(record), reason=why, **told)
        outcome, = rulebook.journal.put_cells(visitor.user(), visitor.actor(), record.lesson.course_id, [entry])
        accept(outcome.state, outcome.message, "value")

    def standing(self, record):
        """The record as it stands after the change, or what it was when the cell holds none any more."""
        same = (self.model.lesson == record.lesson) & (self.model.pupil == record.pupil)
        return self.model.select().where(same).order_by(self.model.id.desc()).first() or record


def work_of(record) -> int | None:
    return getattr(record, "work_id", None)


class MarkScreen(OfCell):
    table = m.Mark
    column_list = ("pupil", "value", "lesson", "work", "late", "entered_at", "entered_by")
    details_more = ("clause", "reason", "protocol", "due")
    form_columns = OfCell.create_columns
    search_paths = ("pupil.person.search", *COURSE)
    filter_columns = ("lesson.day", "lesson.course.subject", "late", "pupil", "lesson")

    def without(self, record):
        cell = self.cell(record)
        if record.value == ".":
            return replace(cell, awaited=False)
        marks = list(cell.marks)
        marks.remove(record.value)
        return replace(cell, marks=tuple(marks))


class AbsenceScreen(OfCell):
    table = m.Absence
    column_list = ("pupil", "code", "lesson", "minutes", "document", "late", "entered_at", "entered_by")
    details_more = ("clause", "reason")
    form_columns = create_columns = ("lesson", "pupil", "code", "minutes", "document", "why")
    edit_columns = ("code", "minutes", "document", "why")
    extra_fields = {"why": 300}
    search_paths = ("pupil.person.search", "document", *COURSE)
    filter_columns = ("lesson.day", "code", "lesson.course.unit.school_class", "pupil", "lesson")

    def permitted(self, verb, record):
        """A class teacher may say why an own pupil was away (ACC-05); whether, is the regulation's to say when it is saved."""
        user = visitor.user()
        return policies.allows(user, verb, record) or verb == "edit" and policies.allows(user, "reason", record)

    def edit_form(self, obj=None):
        return Screen.edit_form(self, obj)

    def write(self, form, record, created):
        if form["minutes"].data is not None and not 1 <= form["minutes"].data <= rulebook.lesson_desk.MOST_MINUTES:
            raise m.Refused(m.Text(m.N_("From 1 to %(n)s minutes"), n=rulebook.lesson_desk.MOST_MINUTES), "minutes")
        self.put(record, str(replace(self.cell(record), absence=form["code"].data)), form["why"].data,
                 minutes=form["minutes"].data or 0, document=form["document"].data or "")
        return self.standing(record)

    def without(self, record):
        return replace(self.cell(record), absence="")


class WorkScreen(OfJournal):
    table = m.Work
    column_list = ("title", "kind", "weight", "lesson", "received_at")
    form_columns = ("lesson", "kind", "weight", "for_everyone", "title", "why")
    edit_columns = ("kind", "weight", "for_everyone", "title", "received_at", "why")
    search_paths = ("title", *COURSE)
    filter_columns = ("kind", "lesson")

    def fill(self, form, record):
        if "lesson" in form:
            super().fill(form, record)

    def write(self, form, record, created):
        data, who = form.data, (visitor.user(), visitor.actor())
        received = None if created else m.Work.get_by_id(record.id).received_at
        told = {"weight": data["weight"], "for_everyone": data["for_everyone"]}
        if created:
            decision, record = rulebook.works.add_work(*who, record.lesson.id, data["kind"].id, data["title"] or "", data["why"], **told)
        else:
            decision = rulebook.works.change_work(*who, record.id, data["kind"].id, data["title"] or "", data["why"], **told)
        accept(decision.state, decision.message, "weight" if told["weight"] is not None else "title")
        if not created:
            take_receipt(record.lesson_id, data["received_at"], record.id, data["why"], received)
        return record and m.Work.get_by_id(record.id)

    def remove(self, record):
        decision = rulebook.works.delete_work(visitor.user(), visitor.actor(), record.id)
        accept(decision.state, decision.message, "title")


class HomeworkScreen(OfJournal):
    table = m.Homework
    column_list = ("lesson", "unit", "pupil", "text", "not_set", "due", "minutes", "late", "entered_at", "entered_by")
    details_more = ("clause", "reason")
    form_columns = create_columns = ("lesson", "text", "not_set", "due", "why")
    edit_columns = ("text", "not_set", "due", "minutes", "why")
    search_paths = ("text", *COURSE)
    filter_columns = ("lesson.day", "lesson.course.subject", "not_set", "lesson")

    def write(self, form, record, created):
        if not (record.text or record.not_set):
            raise m.Refused(m.Text(m.N_("Write the homework, or say that nothing is set")), "text")
        self.put(record, record.text, record.not_set, record.due, form["why"].data)
        return m.Homework.get((m.Homework.lesson == record.lesson) & _same_target(record))

    def remove(self, record):
        self.put(record, "", False, None)

    def put(self, record, text, not_set, due, why="") -> None:
        decision = rulebook.homework.put_homework(visitor.user(), visitor.actor(), record.lesson.id, text, not_set=not_set, due=due,
                                                 unit=record.unit_id, pupil=record.pupil_id, minutes=record.minutes, reason=why,
                                                 drop=[] if text or not_set else [file.id for file in record.attachments])
        accept(decision.state, decision.message, "text")


def _same_target(record):
    """The condition that a homework is for whom this one is."""
    parts = ((m.Homework.unit, record.unit_id), (m.Homework.pupil, record.pupil_id))
    one, other = (column.is_null() if value is None else column == value for column, value in parts)
    return one & other


class RemarkScreen(OfJournal):
    table = m.Remark
    column_list = ("pupil", "text", "lesson", "author", "at")
    form_columns = create_columns = ("lesson", "pupil", "text")
    edit_columns = ("text",)
    search_paths = ("pupil.person.search", "text", "author.search")
    filter_columns = ("lesson.day", "pupil", "lesson")

    def write(self, form, record, created):
        self.put(record, record.text)
        return m.Remark.get((m.Remark.lesson == record.lesson) & (m.Remark.pupil == record.pupil))

    def remove(self, record):
        self.put(record, "")

    def put(self, record, text: str) -> None:
        decision = rulebook.journal.put_remark(visitor.user(), visitor.actor(), record.lesson.id, record.pupil.id, text)
        accept(decision.state, decision.message, "text")


class PeriodMarkScreen(OfJournal):
    table = m.PeriodMark
    column_list = ("pupil", "course", "kind", "period", "value", "computed", "reason", "entered_at", "entered_by")
    details_more = ("average", "late", "clause")
    form_columns = create_columns = ("course", "pupil", "period", "value", "why")
    edit_columns = ("value", "why")
    search_paths = ("pupil.person.search", "course.unit.name", "course.subject.name")
    filter_columns = ("period", "kind", "course.unit.school_class", "course.subject", "course", "pupil")

    def narrow_course(self, query):
        return query.where(m.Course.id.in_(list(visitor.user().taught)))

    def may(self, verb, record):
        return record.kind == "period" and super().may(verb, record)

    def write(self, form, record, created):
        if record.period is None:
            raise m.Refused(m.Text(m.N_("Choose the period")), "period")
        self.put(record, record.value, form["why"].data)
        return m.PeriodMark.get_or_none((m.PeriodMark.course == record.course) & (m.PeriodMark.pupil == record.pupil) & (
            m.PeriodMark.period == record.period)) or record

    def remove(self, record):
        self.put(record, "")

    def put(self, record, value: str, why: str = "") -> None:
        entry = rulebook.entries.Entry(record.pupil.id, value, period=record.period.id, reason=why)
        outcome, = rulebook.journal.put_cells(visitor.user(), visitor.actor(), record.course.id, [entry])
        accept(outcome.state, outcome.message, "value")


class PeriodClosureScreen(Screen):
    table = m.PeriodClosure
    doors = (Door(N_("Close periods…"), "control.periods", policies.LEADERS),)
    verbs = (Verb(N_("Open again…"), lambda row: row.stands(clock.now()) and policies.allows(visitor.user(), "reopen", row),
                  address=lambda row: url_for("control.reopen", number=row.id)),)
    column_list = ("period", "school_class", "closed_at", "closed_by", "reason", "reopened_at", "reopen_paper", "reopened_until")
    default_order, descending = "id", True
    search_paths = ("reason", "school_class.name")
    filter_columns = ("period", "school_class")

    def advice(self):
        return _("A period is closed by the deputy when its marks are complete.")


SCREENS = (LessonScreen, WorkScreen, MarkScreen, AbsenceScreen, HomeworkScreen, RemarkScreen, PeriodMarkScreen,
           PeriodClosureScreen)
