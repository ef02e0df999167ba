"""A small school for tests: plain functions that write rows, and `school`, which calls them all.

The database of the fixture `db` has to be open. The school stands in the II quarter of 2026/27 and lives by D1; hold the
clock with `clock.frozen(NOW)` or another naive moment of school time.
"""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import clock
import models as m
import policies
import rulebook.rules
from history import Actor
from tests.remembered import remembered

NOW = datetime(2026, 12, 17, 10, 40)
TODAY = NOW.date()
YEAR = (date(2026, 9, 1), date(2027, 5, 26))
QUARTERS = ((date(2026, 9, 1), date(2026, 10, 25)), (date(2026, 11, 3), date(2026, 12, 27)),
            (date(2027, 1, 11), date(2027, 3, 21)), (date(2027, 3, 29), date(2027, 5, 26)))
BELLS = ((1, time(8, 30), time(9, 15)), (2, time(9, 30), time(10, 15)), (3, time(10, 30), time(11, 15)),
         (4, time(11, 30), time(12, 15)), (5, time(12, 30), time(13, 15)), (6, time(13, 30), time(14, 15)))
KINDS = (("О", "Ответ на уроке", 1, "lesson", False), ("Д", "Домашняя работа", 1, "lesson", False),
         ("С", "Самостоятельная работа", 2, "written", False), ("К", "Контрольная работа", 3, "control", True),
         ("ВД", "Внешняя диагностика", 3, "external", True))
SYSTEM = Actor("tests", datetime(2026, 8, 25, 9, 0, tzinfo=UTC), via="shell")


@remembered
def school(pupils: int = 3, preset: str = "d1_asurso") -> SimpleNamespace:
    """The school with class 7Б of so many pupils (at least 3), its algebra on Mondays, Wednesdays and Thursdays of the
    II quarter (3rd lesson, 10:30), a second class 8А with physics, and a cast: `teacher` (algebra), `substitute` (teaches
    nothing), `class_teacher` (of 7Б), `deputy`, `director`, `admin`, `secretary`, `stranger` (physics), `parent` and
    `other_parent` (of pupils 1 and 2). People are Person rows; `users` of them: `user(s.teacher)`."""
    with m.writing(SYSTEM):
        s = _frame(preset)
        _staff(s)
        _classes(s, pupils)
        _courses(s)
        s.lessons = lessons(s.course, s.teacher, *QUARTERS[1])
        s.foreign_lessons = lessons(s.foreign_course, s.stranger, date(2026, 12, 1), date(2026, 12, 27))
    return s


def user(who: m.Person, today: date = TODAY) -> policies.User:
    """The person as the gate sees them on a day."""
    return policies.user_of(who.id, who.short_name, today)


def actor(who: m.Person | None = None, at: datetime = NOW) -> Actor:
    """The person as writer at a moment; naive moments are school time (Moscow)."""
    return Actor(who.short_name if who else "tests", _aware(at), person=who.id if who else None, via="test")


def person(surname: str, name: str = "Анна", patronymic: str = "Ивановна", **more) -> m.Person:
    with m.writing(SYSTEM):
        return m.Person.create(surname=surname, name=name, patronymic=patronymic, **more)


def account(who: m.Person, login: str, password: str | None = None) -> m.Account:
    with m.writing(SYSTEM):
        row = m.Account.create(person=who, login=login)
        if password:
            row.set_password(SYSTEM, password)
        return row


def appoint(who: m.Person, role: str, school_class: m.SchoolClass | None = None, starts: date = YEAR[0], ends=None):
    with m.writing(SYSTEM):
        return m.Appointment.create(person=who, role=role, school_class=school_class, starts=starts, ends=ends,
                                    order_no="1-к", order_date=starts)


def employee(surname: str, role: str | None = None, **more) -> m.Person:
    """A member of staff, appointed to a role if one is given."""
    with m.writing(SYSTEM):
        who = person(surname, **more)
        m.Employee.create(person=who, position="учитель")
        if role:
            appoint(who, role)
        return who


def pupil(surname: str, school_class: m.SchoolClass, starts: date = YEAR[0], ends: date | None = None, **more) -> m.Pupil:
    """A pupil enrolled in a class from a day to a day, both included."""
    with m.writing(SYSTEM):
        row = m.Pupil.create(person=person(surname, birth=date(2013, 3, 8), **more))
        m.Enrolment.create(pupil=row, school_class=school_class, starts=starts, ends=ends)
        return row


def guardian(of: m.Pupil, surname: str) -> m.Person:
    with m.writing(SYSTEM):
        who = person(surname)
        m.Guardianship.create(guardian=who, pupil=of, relation="мать")
        return who


def school_class(s: SimpleNamespace, name: str) -> tuple[m.SchoolClass, m.Unit]:
    """A class with its unit; the grade is read from the name."""
    with m.writing(SYSTEM):
        grade = int("".join(letter for letter in name if letter.isdigit()))
        row = m.SchoolClass.create(year=s.year, name=name, grade=grade, letter=name.lstrip("0123456789"),
                                   period_set=s.period_set)
        return row, m.Unit.create(year=s.year, kind="class", name=name, school_class=row)


def course(unit: m.Unit, subject: str, teacher: m.Person | None = None, starts: date = YEAR[0], ends=None,
           weekly_hours: int = 3) -> m.Course:
    with m.writing(SYSTEM):
        matter = m.Subject.get_or_none(name=subject) or m.Subject.create(name=subject)
        row = m.Course.create(unit=unit, subject=matter, weekly_hours=weekly_hours)
        if teacher:
            m.Assignment.create(course=row, teacher=teacher, starts=starts, ends=ends, hours=weekly_hours)
        return row


def unnamed(of: m.Course) -> None:
    """The course becomes one of a subject that no rule names, as MRK-12 names mathematics."""
    with m.writing(SYSTEM):
        m.Subject.update(name="География").where(m.Subject.id == of.subject_id).execute()


def lesson(of: m.Course, teacher: m.Person | None, day: date, number: int = 3, **more) -> m.Lesson:
    with m.writing(SYSTEM):
        _, starts, ends = BELLS[number - 1]
        return m.Lesson.create(course=of, teacher=teacher, day=day, number=number, starts=starts, ends=ends, **more)


def lessons(of: m.Course, teacher: m.Person, starts: date, ends: date, weekdays=(1, 3, 4)) -> dict[date, m.Lesson]:
    """Planned lessons of a course by day, on the weekdays given (1 Monday)."""
    span = (starts + timedelta(n) for n in range((ends - starts).days + 1))
    return {day: lesson(of, teacher, day) for day in span if day.isoweekday() in weekdays}


def mark(lesson: m.Lesson, pupil: m.Pupil, value: str, at: datetime | None = None, **more) -> m.Mark:
    """A mark laid in without being judged, entered at a moment (the lesson's day at 11:00 unless told)."""
    moment = _aware(at or datetime.combine(lesson.day, time(11)))
    with m.writing(Actor("tests", moment, via="shell")):
        return m.Mark.create(lesson=lesson, pupil=pupil, value=value, entered_at=moment, **more)


def absence(lesson: m.Lesson, pupil: m.Pupil, code: str, at: datetime | None = None, **more) -> m.Absence:
    """An attendance code laid in without being judged."""
    moment = _aware(at or datetime.combine(lesson.day, time(11)))
    with m.writing(Actor("tests", moment, via="shell")):
        return m.Absence.create(lesson=lesson, pupil=pupil, code=code, entered_at=moment, **more)


def substitution(lesson: m.Lesson, substitute: m.Person, absent: m.Person | None = None) -> m.Substitution:
    with m.writing(SYSTEM):
        return m.Substitution.create(lesson=lesson, substitute=substitute, absent=absent, reason="болезнь")


def plan(of: m.Course, topics: list[str]) -> m.Plan:
    """A thematic plan of one-hour topics, attached to the course."""
    with m.writing(SYSTEM):
        row = m.Plan.create(year=of.unit.year, subject=of.subject, grade=7, name=f"{of.subject}, КТП")
        for number, topic in enumerate(topics, 1):
            m.PlanTopic.create(plan=row, number=number, topic=topic)
        of.plan = row
        of.save()
        return row


def regulation(preset: str = "d1_asurso", starts: date = YEAR[0], **changes) -> m.RegulationVersion:
    """A version of the regulation in force from a day; `changes` are values by key, dots written as «__»."""
    rules = rulebook.rules.preset(preset).changed({key.replace("__", "."): {"value": value} for key, value in changes.items()})
    with m.writing(SYSTEM):
        row = m.Regulation.create(name="Положение об электронном журнале", preset=preset, order_no="44", order_date=starts)
        return m.RegulationVersion.create(regulation=row, number=1, starts=starts, values=rules.to_json(), created_at=SYSTEM.at)


# ---- the pieces of `school` ----

def _frame(preset: str) -> SimpleNamespace:
    s = SimpleNamespace()
    s.school = m.School.create(id=1, name="Ольховская школа", short_name="Ольховская школа")
    s.year = m.Year.create(name="2026/27", starts=YEAR[0], ends=YEAR[1])
    s.period_set = m.PeriodSet.create(year=s.year, name="Четверти", kind="quarter")
    s.periods = [m.Period.create(period_set=s.period_set, number=n, name=f"{roman} четверть", starts=starts, ends=ends)
                 for n, (roman, (starts, ends)) in enumerate(zip(("I", "II", "III", "IV"), QUARTERS, strict=True), 1)]
    s.bells = m.BellSet.create(name="Обычный день")
    m.Bell.insert_many([{"bell_set": s.bells, "number": n, "starts": a, "ends": b} for n, a, b in BELLS]).execute()
    m.BellUse.create(bell_set=s.bells, year=s.year)
    s.kinds = {code: m.WorkKind.create(code=code, name=name, weight=weight, deadline=deadline, for_everyone=all_, position=n)
               for n, (code, name, weight, deadline, all_) in enumerate(KINDS)}
    s.regulation = regulation(preset)
    return s


def _staff(s: SimpleNamespace) -> None:
    s.director, s.deputy = employee("Директорова", "DIR"), employee("Завучева", "ZAV")
    s.admin, s.secretary = employee("Админова", "ADM"), employee("Секретарева", "SEC")
    s.teacher, s.stranger = employee("Алгебраева"), employee("Физикова")
    s.substitute, s.class_teacher = employee("Заменова"), employee("Классова")


def _classes(s: SimpleNamespace, pupils: int) -> None:
    s.school_class, s.unit = school_class(s, "7Б")
    s.foreign_class, s.foreign_unit = school_class(s, "8А")
    appoint(s.class_teacher, "CT", s.school_class)
    s.pupils = [pupil(f"Ученикова{n:03d}", s.school_class) for n in range(1, pupils + 1)]
    s.foreign_pupil = pupil("Чужакова", s.foreign_class)
    s.parent, s.other_parent = guardian(s.pupils[0], "Родителева"), guardian(s.pupils[1], "Другова")


def _courses(s: SimpleNamespace) -> None:
    s.course = course(s.unit, "Алгебра", s.teacher)
    s.foreign_course = course(s.foreign_unit, "Физика", s.stranger)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.zone())
