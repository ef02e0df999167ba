"""Administrative screens of the school itself: years, periods, calendar, bells, subjects, classes."""

from datetime import datetime
from zoneinfo import available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

import clock
import models as m
import rulebook.quarantine
from views import visitor
from views.admin_doors import Door
from views.admin_marking import check_weight, keep_scale
from views.admin_words import TITLES
from views.base import Screen, dependents


class SchoolScreen(Screen):
    table = m.School
    column_list = ("name", "short_name", "kind", "place", "timezone", "idle_minutes", "upload_limit_mb")
    form_columns = ("name", "short_name", "place", "timezone", "idle_minutes", "confirm_minutes", "upload_limit_mb")
    counted = False

    def check(self, record):
        if record.timezone not in available_timezones():
            raise m.Refused(m.Text(m.N_("There is no such time zone; for example Europe/Samara")), "timezone")
        for name in ("idle_minutes", "confirm_minutes"):
            if not 0 <= getattr(record, name) <= 600:
                raise m.Refused(m.Text(m.N_("From 0 to 600 minutes")), name)
        if not 1 <= record.upload_limit_mb <= 60:
            raise m.Refused(m.Text(m.N_("From 1 to 60 MB")), "upload_limit_mb")


class YearScreen(Screen):
    table = m.Year
    column_list = form_columns = ("name", "starts", "ends")
    default_order, descending = "starts", True
    related = ((m.SchoolClass, "year"), (m.PeriodSet, "year"), (m.Holiday, "year"), (m.Timetable, "year"), (m.Plan, "year"))


class PeriodSetScreen(Screen):
    table = m.PeriodSet
    column_list = form_columns = ("name", "kind", "year")
    default_order = "year"
    filter_columns = ("year",)
    related = ((m.Period, "period_set"), (m.SchoolClass, "period_set"))


class PeriodScreen(Screen):
    table = m.Period
    column_list = ("name", "period_set", "number", "starts", "ends")
    form_columns = ("period_set", "number", "name", "starts", "ends")
    default_order = "starts"
    search_paths = ("name",)
    filter_columns = ("period_set",)
    related = ((m.PeriodClosure, "period"), (m.PeriodMark, "period"))

    def check(self, record):
        """A period lies in its year and beside the others of its system."""
        super().check(record)
        year = record.period_set.year
        if record.starts < year.starts or record.ends > year.ends:
            raise m.Refused(m.Text(m.N_("The year %(year)s lasts from %(starts)s to %(ends)s"), year=year.name, starts=year.starts,
                                   ends=year.ends), "starts" if record.starts < year.starts else "ends")
        self._check_closed(record)
        other = m.Period.select().where((m.Period.period_set == record.period_set) & (m.Period.id != (record.id or 0))
                                        & (m.Period.starts <= record.ends) & (m.Period.ends >= record.starts)).first()
        if other:
            raise m.Refused(m.Text(m.N_("It overlaps «%(name)s», %(starts)s – %(ends)s"), name=other.name, starts=other.starts,
                                   ends=other.ends), "starts")

    def _check_closed(self, record):
        """The days of a period that is closed for a class stay: otherwise lessons would come out of the closing, or into it."""
        shut = m.PeriodClosure.standing().where(m.PeriodClosure.period == record.id).first() if record.id else None
        stood = shut and m.Period.get_by_id(record.id)
        if shut and (stood.starts, stood.ends, stood.period_set_id) != (record.starts, record.ends, record.period_set_id):
            raise m.Refused(m.Text(m.N_("The period is closed for %(name)s. Reopen it first, by its protocol"),
                                   name=shut.school_class.name),
                            "starts")


class RoomScreen(Screen):
    table = m.Room
    column_list = form_columns = ("name", "capacity", "shared", "note")
    default_order = "name"
    search_paths = ("name", "note")
    related = ((m.Slot, "room"), (m.SchoolClass, "room"))


class BellSetScreen(Screen):
    table = m.BellSet
    column_list = form_columns = ("name",)
    default_order = "name"
    related = ((m.Bell, "bell_set"), (m.BellUse, "bell_set"))


class BellScreen(Screen):
    table = m.Bell
    column_list = form_columns = ("bell_set", "number", "starts", "ends")
    default_order = "number"
    filter_columns = ("bell_set",)

    def check(self, record):
        super().check(record)
        if record.starts == record.ends:
            raise m.Refused(m.Text(m.N_("The lesson has no length")), "ends")


class BellUseScreen(Screen):
    table = m.BellUse
    column_list = form_columns = ("bell_set", "year", "grade_from", "grade_to", "school_class", "shift", "weekday", "starts", "ends")
    filter_columns = ("bell_set", "year")


class HolidayScreen(Screen):
    table = m.Holiday
    column_list = ("name", "starts", "ends", "kind", "grade_from", "grade_to", "school_class", "week_days", "order_no")
    form_columns = ("year", "name", "kind", "starts", "ends", "week_days", "grade_from", "grade_to", "school_class", "as_weekday",
                    "order_no", "instruction")
    doors = (Door(N_("Days by order"), "quarantine.index", ("ADM", "ZAV", "DIR")),)
    default_order = "starts"
    search_paths = ("name", "order_no")
    filter_columns = ("year", "kind")

    def check(self, record):
        super().check(record)
        rulebook.quarantine.check(visitor.user().rules, record)

    def write(self, form, record, created):
        """Lessons follow what is cancelled by order, here as on the page of orders."""
        before = None if created else m.Holiday.get_by_id(record.id)
        super().write(form, record, created)
        rulebook.quarantine.follow(visitor.actor(), before, record)

    def remove(self, record):
        rulebook.quarantine.follow(visitor.actor(), record, None)
        super().remove(record)


class ResultOrderScreen(Screen):
    table = m.ResultOrder
    column_list = ("kind", "period", "school_class", "until", "order_no", "order_date")
    form_columns = ("year", "kind", "period", "school_class", "until", "order_no", "order_date")
    default_order, descending = "until", True
    search_paths = ("order_no",)
    filter_columns = ("year", "kind", "period", "school_class")

    def check(self, record):
        """One date a place: a period of the year, or the marks of the year named by their kind."""
        super().check(record)
        if (record.kind == "period") != (record.period is not None):
            raise m.Refused(m.Text(m.N_("Choose the period for marks of a period, and none for those of the year")), "period")
        if record.period and record.period.period_set.year_id != record.year_id:
            raise m.Refused(m.Text(m.N_("Choose a period of the same year")), "period")
        same = (m.ResultOrder.year == record.year) & (m.ResultOrder.kind == record.kind) & (m.ResultOrder.id != (record.id or 0))
        for field, value in ((m.ResultOrder.period, record.period), (m.ResultOrder.school_class, record.school_class)):
            same &= field.is_null() if value is None else field == value
        if m.ResultOrder.select().where(same).exists():
            raise m.Refused(m.Text(m.N_("There is an order for these marks already: change that one")), "until")


class SubjectScreen(Screen):
    table = m.Subject
    column_list = ("name", "short", "area", "position", "grading")
    form_columns = ("name", "short", "official", "area", "position", "grading")
    default_order = "position"
    search_paths = ("name", "short", "area")
    filter_columns = ("grading",)
    related = ((m.Course, "subject"), (m.CurriculumLine, "subject"), (m.Plan, "subject"), (m.KindWeight, "subject"))

    def check(self, record):
        super().check(record)
        if record.id:
            keep_scale(record, m.Subject, m.Mark.select().join(m.Lesson).join(m.Course).where(
                (m.Course.subject == record) & (m.Course.grading == "")))


class ClassScreen(Screen):
    table = m.SchoolClass
    column_list = ("name", "year", "grade", "profile", "shift", "week_days", "period_set", "room", "size_on_20_september")
    form_columns = ("year", "name", "grade", "letter", "profile", "week_days", "shift", "period_set", "room", "previous",
                    "size_on_20_september")
    default_order = "sort"
    search_paths = ("name", "profile")
    filter_columns = ("year", "grade", "shift", "period_set", "room")
    related = ((m.Pupil, "class"), (m.Enrolment, "school_class"), (m.Unit, "school_class"), (m.Course, "unit_school_class"),
               (m.SubgroupSet, "school_class"), (m.CurriculumLine, "school_class"), (m.Appointment, "school_class"),
               (m.PeriodClosure, "school_class"))

    def narrow_previous(self, query):
        return query.where(m.SchoolClass.year != m.Year.on(clock.today()))

    def check(self, record):
        """A class with a closed period keeps its system of periods."""
        super().check(record)
        closed = record.id and m.PeriodClosure.standing().where(m.PeriodClosure.school_class == record.id).first()
        if closed and m.SchoolClass.get_by_id(record.id).period_set_id != record.period_set_id:
            raise m.Refused(m.Text(m.N_("%(period)s is closed for this class: its system of periods stays"), period=closed.period.name),
                            "period_set")

    def write(self, form, record, created):
        """A class has a journal unit of its own name from the beginning."""
        super().write(form, record, created)
        own = m.Unit.get_or_none((m.Unit.school_class == record) & (m.Unit.kind == "class"))
        unit = own or m.Unit(kind="class", school_class=record)
        unit.year, unit.name = record.year, record.name
        unit.save()

    def held_by(self, records):
        """The class's own unit goes with it as long as nothing hangs on the unit."""
        units = list(m.Unit.select().where((m.Unit.kind == "class") & m.Unit.school_class.in_([row.id for row in records])))
        others = [(title, number) for title, number in super().held_by(records) if title != TITLES[m.Unit][0]]
        rest = m.Unit.select().where(m.Unit.school_class.in_([row.id for row in records]) & (m.Unit.kind != "class")).count()
        return [*others, *(dependents(units) if units else ()), *([(TITLES[m.Unit][0], rest)] if rest else ())]

    def remove(self, record):
        m.Unit.delete().where((m.Unit.school_class == record) & (m.Unit.kind == "class")).execute()
        super().remove(record)

    def advice(self):
        return _("Classes usually come with the secretary's files; one can also be added by hand.")


class WorkKindScreen(Screen):
    table = m.WorkKind
    column_list = ("name", "code", "weight", "deadline", "for_everyone", "position", "active")
    form_columns = ("code", "name", "weight", "deadline", "for_everyone", "position", "active")
    default_order = "position"
    filter_columns = ("active",)

    related = ((m.KindWeight, "kind"),)

    def check(self, record):
        check_weight(record)


class ImportRunScreen(Screen):
    table = m.ImportRun
    doors = (Door(N_("Take in from Excel"), "intake.start", ("ADM",)),)
    column_list = ("id", "at", "by_person", "undone_at")
    default_order, descending = "id", True


class ActScreen(Screen):
    table = m.Act
    column_list = ("seq", "at", "who", "via", "address", "why")
    default_order, descending = "id", True
    search_paths = ("who", "why")
    details_template = "admin/act.html"
    counted = False

    def col_at(self, row):
        return datetime.fromisoformat(row.at)

    def beside(self, record):
        return super().beside(record) | {"rows": m.History.select().where(m.History.act == record).order_by(m.History.id).limit(200)}


LOOKED_AT = {
    "diary": N_("Diary"), "about": N_("Teachers, control works, holidays"),
    "marks": N_("Diary: marks"), "results": N_("Results"), "topics": N_("Topics covered"), "journal": N_("Journal"),
    "journal/history": N_("History of a cell"), "lesson": N_("Lesson"), "results/class": N_("Results"), "admin_pupil": N_("Pupil's card"),
    "documents/journal-page": N_("Journal page of a subject"), "documents/class-journal": N_("The whole class journal"),
    "documents/substitutions": N_("Register of substitutions"), "documents/summary-sheet": N_("Summary sheet of results"),
    "documents/access-slips": N_("Slips to cut out"), "documents/access-sheet": N_("Sheet for signatures")}


class AccessRecordScreen(Screen):
    table = m.AccessRecord
    column_list = ("at", "person", "page", "pupil_id", "unit_id")
    default_order, descending = "id", True
    search_paths = ("person.search", "page")
    counted = False

    def completed(self, rows):
        """Pupils and units by name, in a query each; the log keeps plain numbers, so that it outlives them."""
        user = visitor.user()
        pupils = {p.id: p for p in self.named(user, m.Pupil, [row.pupil_id for row in rows])}
        units = {u.id: u for u in self.named(user, m.Unit, [row.unit_id for row in rows])}
        for row in rows:
            row.seen_pupil, row.seen_unit = pupils.get(row.pupil_id), units.get(row.unit_id)
        return rows

    def col_page(self, row):
        page = row.page.removesuffix(": refused")
        name = LOOKED_AT.get(page, page)
        return name if page == row.page else _("%(page)s: not let in", page=name)

    def col_pupil_id(self, row):
        return getattr(row, "seen_pupil", None)

    def col_unit_id(self, row):
        return getattr(row, "seen_unit", None)


SCREENS = (SchoolScreen, YearScreen, PeriodSetScreen, PeriodScreen, RoomScreen, BellSetScreen, BellScreen, BellUseScreen,
           HolidayScreen, ResultOrderScreen, SubjectScreen, ClassScreen, WorkKindScreen, ImportRunScreen, ActScreen, AccessRecordScreen)
