"""Administrative screens of what stands in a cell: weights of works by subject, attendance codes, papers behind absences."""

import re
from datetime import date

from flask import flash, request, url_for
from flask_babel import lazy_gettext as N_
from flask_babel import ngettext

import marking
import models as m
import policies
import rulebook.facts
import rulebook.journal
import rulebook.works
from views import visitor
from views.admin_doors import Door, Verb
from views.base import Screen
from views.language import say


class KindWeightScreen(Screen):
    table = m.KindWeight
    column_list = form_columns = ("subject", "kind", "weight")
    default_order = "subject"
    filter_columns = ("subject", "kind")

    def check(self, record):
        check_weight(record)


class AbsenceCodeScreen(Screen):
    table = m.AbsenceCode
    column_list = ("code", "name", "meaning", "missed", "document", "key", "position", "active")
    form_columns = ("code", "name", "meaning", "missed", "document", "key", "position", "active")
    default_order = "position"

    def check(self, record):
        """A code can be told from marks and from other codes, and is what it was where it stands already."""
        record.code, record.key = (rulebook.facts.as_read(text) for text in (record.code, record.key))
        standing = m.AbsenceCode.get_or_none(m.AbsenceCode.id == (record.id or 0))
        own = {rulebook.facts.as_read(mark) for scale in marking.own_scales() for mark in scale.marks}
        if not re.fullmatch("[а-я]{1,5}", record.code) or record.code in rulebook.facts.RESERVED | own:
            raise m.Refused(m.Text(m.N_("One to five small Russian letters, not the name of a mark")), "code")
        if standing and standing.code != record.code and _used(standing.code):
            raise m.Refused(m.Text(m.N_("«%(code)s» stands in the journal already; make a new code, and take this one out of use"),
                                   code=standing.code), "code")
        twin = record.key and m.AbsenceCode.get_or_none((m.AbsenceCode.key == record.key) & (m.AbsenceCode.id != (record.id or 0))
                                                        & m.AbsenceCode.active)
        if twin and record.active:
            raise m.Refused(m.Text(m.N_("The key puts «%(code)s» already"), code=twin.code), "key")
        if record.active is False and not m.AbsenceCode.select().where(
                m.AbsenceCode.active & m.AbsenceCode.missed & (m.AbsenceCode.id != (record.id or 0))).exists():
            raise m.Refused(m.Text(m.N_("One code for a missed lesson has to stay in use")), "active")

    def held_by(self, records):
        """Absences name a code by its text, so the database does not know what hangs on it."""
        used = m.Absence.select().where(m.Absence.code.in_([row.code for row in records])).count()
        return [*super().held_by(records), *([(m.N_("Absences"), used)] if used else ())]


class MarkScaleScreen(Screen):
    """To look through: a scale is written as a whole, on a page of its own."""

    table = m.MarkScale
    column_list = ("name", "averaged")
    default_order = "name"
    search_paths = ("name",)
    verbs = (Verb(N_("Open the marks of the scale"), lambda scale: policies.allows(visitor.user(), "edit", scale),
                  address=lambda scale: url_for("scales.page", scale=scale.id)),)
    doors = (Door(N_("New scale"), "scales.new", ("ADM",)),)


class ExcuseScreen(Screen):
    table = m.Excuse
    column_list = ("pupil", "code", "starts", "ends", "document")
    form_columns = create_columns = ("pupil", "code", "starts", "ends", "document")
    edit_columns = ("code", "starts", "ends", "document")
    default_order, descending = "starts", True
    search_paths = ("pupil.person.search", "document")
    filter_columns = ("starts", "code", "pupil")

    @property
    def can_create(self):
        return visitor.user().has("CT") or policies.enters_reasons(visitor.user())

    def narrow_pupil(self, query):
        """Own pupils of today; everybody's for whom the regulation names."""
        user, listed = visitor.user(), m.Enrolment.on(visitor.user().today)
        if not policies.enters_reasons(user):
            listed = listed.where(m.Enrolment.school_class.in_(user.classes))
        return query.where(m.Pupil.id.in_(listed.select(m.Enrolment.pupil)))

    def suggested(self) -> dict:
        """The day of the absence that the paper is entered from («?day=2026-12-16»)."""
        try:
            day = date.fromisoformat(request.args.get("day", ""))
        except ValueError:
            return super().suggested()
        return super().suggested() | {"starts": day, "ends": day}

    def write(self, form, record, created):
        """ATT-06: what the paper explains gets its code; what the regulation does not let change is told."""
        super().write(form, record, created)
        outcomes = rulebook.journal.apply_excuse(visitor.user(), visitor.actor(), record)
        kept = [outcome for outcome in outcomes if outcome.state not in ("saved", "late")]
        if len(outcomes) > len(kept):
            count = len(outcomes) - len(kept)
            flash(ngettext("%(num)s missed lesson has its reason now.", "%(num)s missed lessons have their reason now.", count), "success")
        if kept:
            words = ngettext("%(num)s missed lesson stays as it was.", "%(num)s missed lessons stay as they were.", len(kept))
            flash(f"{words} {say(kept[0].message)}", "warning")


def _used(code: str) -> bool:
    return m.Absence.select().where(m.Absence.code == code).exists()


def check_weight(record) -> None:
    if record.weight is not None and not 1 <= record.weight <= rulebook.works.MOST_WEIGHT:
        raise m.Refused(m.Text(m.N_("The weight is from 1 to 10")), "weight")


def keep_scale(record, model, marks) -> None:
    """Marks that stand are read by the scale they were given on, so it changes only where there are none."""
    before = model.select(model.grading).where(model.id == record.id).tuples().first()
    if before and before[0] != record.grading and marks.exists():
        raise m.Refused(m.Text(m.N_("Marks are given on this scale already. Another one needs a subject or a journal without marks")),
                        "grading")


SCREENS = (KindWeightScreen, AbsenceCodeScreen, MarkScaleScreen, ExcuseScreen)
