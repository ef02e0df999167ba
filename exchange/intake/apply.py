"""Files into the database as one act: a dry run is the same act rolled back, so that the preview cannot lie."""

import logging
from dataclasses import dataclass, field

from peewee import PeeweeException

import models as m
from history import Actor
from models import N_, Text

from exchange.intake import frame, reading, standing, values
from exchange.intake.enrol import People
from exchange.intake.ledger import Ledger
from exchange.intake.school import Place, School, Staff
from exchange.intake.teach import Teaching

WHY = "Загрузка из Excel"
log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """
    What an intake did or would do: `items` (create, change), `findings` and `questions` of `school`, `run` the id of its
    ImportRun (None in a dry run or when nothing was new), `understood` whether anything was recognised at all.
    """

    school: School
    items: list = field(default_factory=list)
    run: int | None = None
    lessons: int = 0
    failed: bool = False

    @property
    def findings(self):
        return self.school.findings

    @property
    def questions(self):
        return self.school.questions

    @property
    def understood(self):
        """Whether anything was recognised that can be applied: a timetable with clashes alone is not."""
        read = self.school
        clashing = {each.file for each in read.timetables if each.clashes}
        return not self.failed and bool(
            read.pupils or read.staff or read.plans or read.periods or read.breaks or read.public_holidays
            or any(row.place is not standing.JOURNAL for row in (*read.curriculum, *read.load))
            or any(each.place.file not in clashing for each in read.bells)
            or any(not each.clashes for each in read.timetables if each.slots))

    def counts(self):
        """{(action, table): number of rows}"""
        ledger = Ledger()
        ledger.items = self.items
        return ledger.counts()


class _RolledBack(Exception):
    """Ends a dry run."""


def run(files, by: Actor, answers=None, dry_run=False, progress=None) -> Outcome:
    """
    Takes in `{name: bytes}` by an actor. Never raises for bad content: findings tell of it. `progress(done, of, name)` is
    called as reading goes on. With `dry_run` everything is done and rolled back.
    """
    school = reading.read(files, answers, progress, standing.known(by.at.date()))
    school.year = school.year or by.at.year - (by.at.month < 8)
    outcome = Outcome(school)
    if not outcome.understood:
        school.tell("error", Place(", ".join(sorted(files)[:5])), None,
                    Text(N_("Nothing that could be loaded was recognised in the files.")))
        return outcome
    try:
        with m.writing(by, WHY) as act:
            ledger = Ledger()
            outcome.lessons = _lay(school, ledger, by, dry_run)
            outcome.items = ledger.items
            if dry_run:
                raise _RolledBack
            if ledger.items:
                outcome.run = _record(outcome, files, by, act)
    except _RolledBack:
        pass
    except PeeweeException as error:
        return _unwritten(outcome, files, error)
    return outcome


def _unwritten(outcome, files, error):
    """A database that refuses a row keeps the whole act out; a person is told, with the database's own reason."""
    log.exception("intake")
    outcome.items, outcome.run, outcome.failed = [], None, True
    outcome.school.tell("error", Place(", ".join(sorted(files)[:5])), None,
                        Text(N_("The database did not take a row, so nothing was written: %(reason)s"),
                             reason=str(error).splitlines()[0][:200]))
    return outcome


def _lay(school, ledger, by, dry_run):
    """Writes everything; the number of lessons made."""
    _staff_of_load(school)
    year = frame.lay(school, ledger)
    subjects = frame.subjects(school, ledger)
    persons, pupils = People(school, ledger, year, by).lay()
    m.learn_sizes()
    version = Teaching(school, ledger, year, by, persons, pupils, subjects).lay()
    if version is None or dry_run:
        return 0
    m.learn_sizes()
    return _publish(version, school, by)


def _staff_of_load(school):
    """Teachers named by the load or a timetable only are members of staff too."""
    known = {values.fold(person.name) for person in (*school.staff, *school.known.staff)}
    slots = [slot for each in school.timetables if not each.clashes for slot in each.slots if slot.teacher]
    for row in (*school.load, *slots):
        if values.fold(row.teacher) not in known:
            known.add(values.fold(row.teacher))
            school.staff.append(Staff(row.teacher, None, None, [], None, None, None, row.place))


def _publish(version, school, by):
    try:
        return version.publish(by, by.at)["made"]
    except m.Clashing as refused:
        place = next(slot.place for each in school.timetables for slot in each.slots)
        school.tell("error", Place(place.file), None, refused.text)
        return 0


def _record(outcome, files, by, act):
    report = [as_json(finding) for finding in outcome.findings]
    made = m.ImportRun.create(at=by.at, by_person=by.person, files=sorted(files), act=act, report={
        "findings": report, "counts": [[action, table, number] for (action, table), number in sorted(outcome.counts().items())],
        "lessons": outcome.lessons})
    return made.id


def as_json(finding, words=str):
    """`{severity,file,sheet,cell,value,message}` of a finding; `words(Text)` translates."""
    value = finding.value if isinstance(finding.value, (int, float, str, type(None))) else str(finding.value)
    return {"severity": finding.severity, "file": finding.file, "sheet": finding.sheet, "cell": finding.cell, "value": value,
            "message": words(finding.message)}
