"""The school of factories with a row in every table that has an administrative screen, and everybody's way in."""

from datetime import date, datetime, time

import clock
import models as m
from tests import factories as make
from tests.remembered import remembered

PASSWORD = "long enough"
# Everybody of the cast who can sign in, and one of them for each role.
PEOPLE = ("admin", "director", "deputy", "secretary", "class_teacher", "teacher", "substitute", "stranger", "parent",
          "other_parent", "pupil_person")


@remembered
def filled():
    """`make.school` plus rows: what hangs on 7Б and its algebra, and the same of 8А and its physics."""
    s = make.school()
    s.pupil_person = s.pupils[0].person
    with m.writing(make.SYSTEM), clock.frozen(make.NOW):
        s.substitution = make.substitution(s.foreign_lessons[date(2026, 12, 16)], s.substitute, s.stranger)
        _calendar(s)
        _journal(s, s.course, s.lessons[date(2026, 12, 16)], s.pupils[0], s.teacher)
        _journal(s, s.foreign_course, s.foreign_lessons[date(2026, 12, 16)], s.foreign_pupil, s.stranger)
        _groups(s)
        m.PeriodClosure.create(period=s.periods[0], school_class=s.school_class, closed_at=make.SYSTEM.at, reason="итоги")
        m.ResultOrder.create(year=s.year, period=s.periods[0], until=date(2026, 10, 27), order_no="51")
        m.ImportRun.create(at=make.SYSTEM.at, by_person=s.admin, files=[], report=[])
        m.AccessRecord.create(at=make.SYSTEM.at, person=s.teacher, page="journal", pupil_id=s.pupils[0].id)
    for name in PEOPLE:
        make.account(getattr(s, name), name, PASSWORD)
    return s


def entered(app, name):
    """A browser of somebody of the cast; nobody's when the name is empty."""
    client = app.test_client()
    return client.sign_in(name, PASSWORD) if name else client


def _calendar(s):
    m.Holiday.create(year=s.year, name="Осенние каникулы", starts=date(2026, 10, 26), ends=date(2026, 11, 2))
    s.room = m.Room.create(name="12")
    s.timetable = m.Timetable.create(year=s.year, name="С 1 сентября", starts=make.YEAR[0], ends=make.YEAR[1])
    m.Slot.create(timetable=s.timetable, course=s.course, weekday=1, number=3, teacher=s.teacher, room=s.room)
    m.CurriculumLine.create(school_class=s.school_class, subject=s.course.subject, weekly_hours=3)
    m.KindWeight.create(kind=s.kinds["К"], subject=s.course.subject, weight=4)
    m.AbsenceCode.lay()
    m.MarkScale.create(name="Слова", marks=[["отл", 5, "4.6", 5], ["уд", 3, "", 3]])
    m.Excuse.create(pupil=s.pupils[0], code="б", document="справка № 1", starts=date(2026, 10, 12), ends=date(2026, 10, 16))
    make.plan(s.course, ["Одночлены", "Многочлены"])


def _journal(s, course, lesson, pupil, teacher):
    at = datetime.combine(lesson.day, time(11)).astimezone()
    other = m.Pupil.select().join(m.Enrolment).where((m.Enrolment.school_class == course.unit.school_class)
                                                     & (m.Pupil.id != pupil.id)).first() or pupil
    make.mark(lesson, pupil, "5", entered_by=teacher)
    make.absence(lesson, other, "н", entered_by=teacher) if other != pupil else None
    m.Work.create(lesson=lesson, kind=s.kinds["К"])
    m.Homework.create(lesson=lesson, text="§ 12", entered_at=at, entered_by=teacher)
    m.Remark.create(lesson=lesson, pupil=pupil, text="Молодец", author=teacher, at=at)
    m.PeriodMark.create(course=course, pupil=pupil, period=s.periods[0], value="5", entered_at=at, entered_by=teacher)
    m.Movement.create(pupil=pupil, kind="start", day=make.YEAR[0], to_class=course.unit.school_class, order_no="1-у")


def _groups(s):
    for of, pupil in ((s.school_class, s.pupils[0]), (s.foreign_class, s.foreign_pupil)):
        division = m.SubgroupSet.create(school_class=of, name="Английский")
        unit = m.Unit.create(year=s.year, kind="subgroup", name=f"{of.name} англ. 1", school_class=of, subgroup_set=division,
                             number=1)
        m.UnitMember.create(unit=unit, pupil=pupil, starts=make.YEAR[0])
