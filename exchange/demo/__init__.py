"""The demo school: a village school taken in from its Excel files by the ordinary intake, then lived through.

It keeps its own clock, an offset stored with its data: it begins on Thursday 17 December 2026 at 10:40 and time flows.
`build` fills an empty database, `wake` winds the clock on to the next school day when the demo is opened out of hours.
"""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path

import clock
import models as m
import rulebook.rules
import rulebook.signing
from exchange import founding, intake
from exchange.demo import cast, copies, corrections, helping, life, own_plan, talk, upkeep
from history import Actor

FILES = Path(__file__).parent / "school_a"
DAY, MOMENT = date(2026, 12, 17), time(10, 40)
PRESET = "d1_asurso"
TERM_ORDER = "Приказ № 118 от 19.10.2026"


def build(pupils: int | None = None, seed: int = 2026) -> None:
    """Fill an empty migrated database; `pupils` grows the school by parallel copies to about so many. Raises Refused when
    the database already holds a school."""
    if m.School.the():
        raise m.Refused(m.Text(m.N_("The demo school needs an empty database")))
    clock.set_school("Europe/Moscow")
    now = clock.at(DAY, MOMENT)
    with _in_haste():
        year = _take_in(_system(datetime(2026, 8, 28, 12)))
        roles = cast.appoint(_system(datetime(2026, 8, 31, 9)), year)
        cast.choose(year, roles, DAY)
        own_plan.write(Actor(roles["teacher"].short_name, clock.at(date(2026, 8, 31), time(14)), roles["teacher"].id), year,
                       roles["teacher"], DAY)
        cast.lend(_system(datetime(2026, 11, 16, 10)), year, roles, DAY)
        _count_classes(_system(datetime(2026, 9, 21, 9)), year)
        life.live(year, now, seed)
        _close_quarter(year, roles["deputy"])
        upkeep.confirm(_system(datetime(2026, 12, 16, 17)), year, roles, DAY)
        upkeep.remark(roles, DAY)
        if pupils:
            copies.grow(_system(datetime(2026, 12, 16, 18)), year, pupils, now)
        corrections.request(roles["teacher"], roles["deputy"])
        cast.accounts(_system(datetime(2026, 12, 16, 19)), roles, DAY)
        helping.help_out(_system(datetime(2026, 12, 16, 19, 30)), roles, DAY)
        upkeep.use(DAY)
        talk.talk(roles, DAY)
        _set_clock(_system(datetime(2026, 12, 16, 20)), now)


def wake() -> None:
    """Wind the demo's clock on when it shows a day off or an hour after lessons: to 10:40 of the next school day, and
    when the year is over back to its first moment. Nothing happens in an ordinary school."""
    school = m.School.the()
    if school is None or not school.is_demo:
        return
    clock.set_school(school.timezone, school.clock_offset)
    now = clock.now()
    wound = clock.at(_school_moment(now), MOMENT)
    if not _is_school_time(now):
        _set_clock(_system(wound), wound)


def _take_in(by: Actor) -> m.Year:
    with m.writing(by, "Демонстрационная школа"):
        founding.lay_work_kinds()
    intake.run(intake.folder(FILES), by)
    year = m.Year.on(DAY)
    with m.writing(by, "Демонстрационная школа"):
        m.School.update(is_demo=True, place="с. Верхнеберёзово").execute()
        rules = rulebook.rules.preset(PRESET)
        regulation = m.Regulation.create(name=rules.title, preset=rules.preset, order_no="94", order_date=date(2026, 8, 27))
        m.RegulationVersion.create(regulation=regulation, number=1, starts=year.starts, values=rules.to_json(),
                                   created_at=by.at, order_no="94")
    return year


def _count_classes(by: Actor, year: m.Year) -> None:
    """The sizes of the classes on 20 September, for the state report (STR-02)."""
    day = date(2026, 9, 20)
    listed = m.Enrolment.on(day).where(m.Enrolment.school_class == m.SchoolClass.id).select(m.fn.COUNT(m.Enrolment.id))
    with m.writing(by, "Форма ОО-1"):
        m.SchoolClass.update(size_on_20_september=listed).where(m.SchoolClass.year == year).execute()


def _close_quarter(year: m.Year, deputy: m.Person) -> None:
    """The deputy closes each period that has ended, the day after its end."""
    ended = m.Period.select(m.Period, m.PeriodSet).join(m.PeriodSet).where((m.PeriodSet.year == year) & (m.Period.ends < DAY))
    for period in ended:
        at = clock.at(period.ends + timedelta(days=1), time(10))
        classes = list(m.SchoolClass.select().where(m.SchoolClass.period_set == period.period_set_id))
        m.PeriodClosure.close(Actor(deputy.short_name, at, deputy.id), period, classes, TERM_ORDER,
                              rulebook.signing.signatures(period, classes), "ZAV")


def _is_school_time(now: datetime) -> bool:
    """Is it a day with lessons, and are they not over?"""
    last = m.Lesson.select(m.fn.MAX(m.Lesson.ends)).where((m.Lesson.day == now.date()) & (m.Lesson.state != "cancelled")).scalar()
    return last is not None and now.time() < last


def _school_moment(now: datetime) -> date:
    """The next day with lessons whose demo hour is still to come, or the demo's first day."""
    begun = now.time() >= MOMENT
    return m.Lesson.select(m.fn.MIN(m.Lesson.day)).where(
        (m.Lesson.day > now.date() if begun else m.Lesson.day >= now.date()) & (m.Lesson.state != "cancelled")).scalar() or DAY


def _set_clock(by: Actor, moment: datetime) -> None:
    offset = clock.offset_to(moment)
    with m.writing(by, "Часы демонстрации"):
        m.School.update(clock_offset=offset).where(m.School.is_demo).execute()
    clock.set_school(clock.zone().key, offset)


def _system(at: datetime) -> Actor:
    return Actor("Демонстрация", at if at.tzinfo else at.replace(tzinfo=clock.zone()), via="shell")


@contextmanager
def _in_haste():
    """Nobody waits for the disk at each of the many acts: a build cut short is thrown away and begun anew."""
    hasty, usual = _HASTE[m.is_sqlite()]
    for setting in hasty:
        m.db.execute_sql(setting)
    try:
        yield
    finally:
        for setting in usual:
            m.db.execute_sql(setting)


_HASTE = {True: (("PRAGMA synchronous = OFF", "PRAGMA cache_size = -256000"),
                 ("PRAGMA synchronous = FULL", "PRAGMA cache_size = -8000")),
          False: (("SET synchronous_commit = off",), ("SET synchronous_commit = on",))}
