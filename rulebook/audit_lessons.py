"""Probes of what is written at lessons: topics, attendance, marks, homework, edits, codes, substitutions, language."""

from peewee import JOIN, SQL, Case, Value, fn

import clock
import models as m
from rulebook.audit_look import CLASS, Look, Trace, asks, day_of, days_of, moment_of, probe, time_of
from rulebook.checks import DEADLINES
from rulebook.text_verdicts import NAMED_WORKS, judge_plan_words, unclear_homework

_GIVER = fn.COALESCE(m.Substitution.substitute, m.Lesson.teacher)  # who gives a lesson


def _given(query):
    """Lessons of a query with who gives them."""
    return query.join_from(m.Lesson, m.Substitution, JOIN.LEFT_OUTER, on=(m.Substitution.lesson == m.Lesson.id))


def _flag(condition):
    return Case(None, [(condition, 1)], 0)


# ---- topics and attendance ----

_NO_TOPIC, _NO_ATTENDANCE = m.Text(m.N_("no topic")), m.Text(m.N_("attendance is not taken"))
_LATE_TOPIC, _LATE_ATTENDANCE = m.Text(m.N_("topic written late")), m.Text(m.N_("attendance taken late"))


def _blank(look):
    """Lessons that have begun, without a topic or attendance or with either late, as (lesson, course, giver, day, start, no topic,
    late, no attendance, late)."""
    lesson, at = m.Lesson, look.now.astimezone(clock.zone()).time().replace(tzinfo=None)
    begun = (lesson.day < look.today) | (lesson.starts <= at)
    no_topic, untaken = lesson.topic == "", lesson.attendance_at.is_null()
    odd = no_topic | untaken | lesson.topic_late | lesson.attendance_late
    return _given(lesson.select(
        lesson.id, lesson.course, _GIVER, lesson.day, lesson.starts, _flag(no_topic), _flag(lesson.topic_late), _flag(untaken),
        _flag(lesson.attendance_late))).where(look.lessons() & begun & odd)


@asks(_blank)
def topics(look: Look):
    return _of_lesson(look, "entry.topic_deadline", 5, (_NO_TOPIC, _LATE_TOPIC))


@asks(_blank)
def attendance(look: Look):
    return _of_lesson(look, "entry.absence_deadline", 7, (_NO_ATTENDANCE, _LATE_ATTENDANCE))


def _of_lesson(look, key, place, words):
    """Lessons that have begun and lack what stands at `place` of a row (broken, or due soon), and those it came late to."""
    found = []
    for row in look.told(_blank):
        (lesson, course, giver), day, starts = row[:3], day_of(row[3]), time_of(row[4])
        missing, late = row[place:place + 2]
        if not missing and not late:
            continue
        state = "lapsed" if not missing else "broken" if look.overdue(key, day, starts, look.class_of(course)) else "risk"
        found.append(Trace(state, giver, look.class_of(course), ("lesson", lesson), course, day, words[not missing]))
    return found


# ---- marks ----

_UNMARKED = m.N_("%(put)s of %(all)s have a mark or an absence")
_LATE_MARKS, _LATE_ABSENCE = m.Text(m.N_("marks put late")), m.Text(m.N_("absence noted late"))


def _unmarked_lessons(look):
    """Works for everybody as (lesson, course, giver, day, received at, marks and absences, pupils, family): the lessons' own columns."""
    kind, lesson = m.WorkKind, m.Lesson
    own = lesson.select().join(kind, on=(lesson.kind == kind.id))
    return _works(look, own, m.Mark.work.is_null(), lesson.received_at, kind.for_everyone)


def _unmarked_works(look):
    """The same of further columns."""
    kind, work = m.WorkKind, m.Work
    return _works(look, work.select().join(kind).join_from(work, m.Lesson), m.Mark.work == work.id, work.received_at,
                  fn.COALESCE(work.for_everyone, kind.for_everyone))


def _works(look, query, own, received, everybody):
    lesson = m.Lesson
    away = m.Absence.select(fn.COUNT(m.Absence.id)).where(
        (m.Absence.lesson == lesson.id) & m.Absence.code.not_in(list(m.codes().late) or [""]))
    put = m.Mark.select(fn.COUNT(m.Mark.pupil.distinct())).where((m.Mark.lesson == lesson.id) & own)
    return _given(query.select(lesson.id, lesson.course, _GIVER, lesson.day, received, fn.COALESCE(put, 0) + fn.COALESCE(away, 0),
                               m.Unit.headcount(lesson.day), m.WorkKind.deadline).join_from(lesson, m.Course).join(m.Unit)).where(
        look.lessons() & everybody)


def _spoken(model):
    """The question for (table, course, giver, rule, has it no reason, latest day, latest lesson, how many) of records that a rule spoke
    of."""
    return lambda look: _given(model.select(
        Value(model._meta.table_name).cast("TEXT"), m.Lesson.course, _GIVER, model.rule, _flag(model.reason == ""), fn.MAX(m.Lesson.day),
        fn.MAX(m.Lesson.id), fn.COUNT(model.id)).join(m.Lesson)).where(look.lessons() & (model.rule != "")).group_by(
        m.Lesson.course, SQL("3"), model.rule, SQL("5"))


_SPOKEN = {model: _spoken(model) for model in (m.Mark, m.Absence, m.Homework)}


def marks_of(family: str):
    """Works that everybody writes and that lack marks, and marks put late, by the kind's family of deadlines."""
    key = DEADLINES.get(family, "entry.mark_deadline")

    def find(look: Look):
        found = []
        for lesson, course, giver, told, received, put, pupils, of in (*look.told(_unmarked_lessons), *look.told(_unmarked_works)):
            day, received = day_of(told), moment_of(received)
            if of == family and put < pupils and not look.gradeless(look.class_of(course), day):
                state = "broken" if look.overdue(key, day, received=received) else "risk"
                found.append(Trace(state, giver, look.class_of(course), ("lesson", lesson), course, day,
                                     m.Text(_UNMARKED, put=put, all=pupils)))
        return found + _flagged(look, key, "lapsed", _LATE_MARKS)
    return asks(_unmarked_lessons, _unmarked_works, *_SPOKEN.values())(find)


@asks(_blank, *_SPOKEN.values())
def absences_late(look: Look):
    """Attendance, with the absentees added after the deadline."""
    return attendance(look) + _flagged(look, "entry.absence_deadline", "lapsed", _LATE_ABSENCE, m.Absence)


def _flagged(look, key, state, what, model=m.Mark, loose=None):
    """Records of lessons about which a rule spoke, by who gives the lesson and journal; the link leads to the latest of them. `loose`:
    only those without a reason, or by default with one or none, where the rule is about lateness; see edits."""
    wanted = {bool(loose)} if key == "mark.edit_window" else {True, False}
    found: dict[tuple, Trace] = {}
    for name, course, giver, rule, bare, last, lesson, count in (row for question in _SPOKEN.values() for row in look.told(question)):
        if name == model._meta.table_name and rule == key and bool(bare) in wanted:
            before = found.get((course, giver))
            each = Trace(state, giver, look.class_of(course), ("lesson", lesson), course, day_of(last), what, count=count)
            found[course, giver] = before._replace(count=before.count + count) if before else each
    return list(found.values())


_LATE_HOMEWORK, _NO_HOMEWORK = m.Text(m.N_("homework written late")), m.Text(m.N_("lessons without a word on homework"))


def _without_homework(look):
    """(course, giver, is it today, latest day, latest lesson, how many) of lessons that were held without a word on homework."""
    lesson = m.Lesson
    told = fn.EXISTS(m.Homework.select(SQL("1")).where(m.Homework.lesson == lesson.id))
    return _given(lesson.select(lesson.course, _GIVER, _flag(lesson.day == look.today), fn.MAX(lesson.day), fn.MAX(lesson.id),
                                fn.COUNT(lesson.id))).where(
        look.lessons() & (lesson.state == "held") & ~told).group_by(lesson.course, SQL("2"), SQL("3"))


@asks(_without_homework, *_SPOKEN.values())
def homework(look: Look):
    """Homework written late; lessons of the day still without a word on it are due."""
    found = _flagged(look, "entry.homework_deadline", "lapsed", _LATE_HOMEWORK, m.Homework)
    for course, giver, due, last, number, count in look.told(_without_homework):
        school_class, day = look.class_of(course), day_of(last)
        if not look.gradeless(school_class, day):
            state = "risk" if due and not look.overdue("entry.homework_deadline", day, school_class=school_class) else "noted"
            found.append(Trace(state, giver, school_class, ("lesson", number), course, day, _NO_HOMEWORK, count=count))
    return found


# ---- edits, codes, retakes ----

_WITH_REASON = m.Text(m.N_("changed after the window, with a reason"))
_LOOSE = m.Text(m.N_("changed after the window without a reason"))


@asks(*_SPOKEN.values())
def edits(look: Look):
    """What was changed when only a reason allows it: with one it is lawful and shown, without one the window was passed by."""
    found = []
    for model in (m.Mark, m.Absence):
        found += _flagged(look, "mark.edit_window", "noted", _WITH_REASON, model)
        found += _flagged(look, "mark.edit_window", "broken", _LOOSE, model, loose=True)
    return found


_MARKED = m.Text(m.N_("marks in a class taught without marks"))
_SET = m.Text(m.N_("homework in a class taught without marks"))


def _gradeless(model):
    """The question for (course, giver, day, latest lesson, how many) of marks, or homework, in classes that may be taught without marks."""
    def question(look):
        classes = [each.id for each in look.classes.values() if str(each.grade) in look.rules.value("gradeless.scope")]
        own = [each.id for each in look.journals.values() if each.school_class in classes]
        if not own or model is m.Homework and look.rules.value("gradeless.homework") != "forbid":
            return None
        held = model.not_set == False if model is m.Homework else model.value != ""  # noqa: E712  «не задано» is no homework
        return _given(model.select(m.Lesson.course, _GIVER, m.Lesson.day, fn.MAX(m.Lesson.id), fn.COUNT(model.id)).join(m.Lesson)).where(
            look.lessons() & m.Lesson.course.in_(own) & held).group_by(m.Lesson.course, SQL("2"), m.Lesson.day)
    return question


_GRADELESS = {_gradeless(m.Mark): _MARKED, _gradeless(m.Homework): _SET}


@asks(*_GRADELESS)
def gradeless(look: Look):
    """Marks and homework where the class is taught without them."""
    return [Trace("broken", giver, look.class_of(course), ("lesson", lesson), course, day_of(day), what, count=count)
            for question, what in _GRADELESS.items() for course, giver, day, lesson, count in look.told(question)
            if look.gradeless(look.class_of(course), day_of(day))]


_CODE = m.N_("the record «%(code)s»")


def _banned_codes(look):
    banned = look.rules.value("cell.codes_forbidden")
    return _given(m.Absence.select(
        m.Lesson.course, _GIVER, m.Absence.code, m.Lesson.day, m.Lesson.id, m.Person.surname, m.Person.name).join(m.Lesson).join_from(
        m.Absence, m.Pupil).join(m.Person)).where(look.lessons() & m.Absence.code.in_(list(banned))) if banned else None


@asks(_banned_codes)
def codes(look: Look):
    """Attendance codes that the regulation does not let stand in a cell (MRK-17)."""
    return [Trace("broken", giver, look.class_of(course), ("lesson", lesson), course, day_of(day), m.Text(_CODE, code=code),
                  f"{surname} {name}") for course, giver, code, day, lesson, surname, name in look.told(_banned_codes)]


_WITHOUT_PAPER = m.Text(m.N_("a mark beside an absence, without a protocol"))


def _beside(look):
    mark, missed = m.Mark, m.Absence
    if not look.rules.value("retake.protocol"):
        return None
    return _given(missed.select(
        m.Lesson.course, _GIVER, m.Lesson.day, m.Lesson.id, m.Person.surname, m.Person.name).join(m.Lesson).join_from(
        missed, mark, on=((mark.lesson == missed.lesson) & (mark.pupil == missed.pupil))).join_from(missed, m.Pupil).join(m.Person)).where(
        look.lessons() & missed.code.in_(list(m.codes().missed) or [""]) & mark.protocol.is_null() & (mark.value != "."))


@asks(_beside)
def retakes(look: Look):
    """A mark of somebody who missed the lesson, without the protocol of a retake (ATT-07)."""
    return [Trace("broken", giver, look.class_of(course), ("lesson", lesson), course, day_of(day), _WITHOUT_PAPER, f"{surname} {name}")
            for course, giver, day, lesson, surname, name in look.told(_beside)]


# ---- absences without a reason ----

_UNEXPLAINED = m.N_("absent without a reason at %(n)s lessons")


def _nobody_explained(look):
    if days_of(look.rules.value("attendance.ct_check_interval")) is None or look.rules.value("entry.absence_code_scope") != "unexplained":
        return None
    absence, enrolment, lesson = m.Absence, m.Enrolment, m.Lesson
    own = look.lessons() if look.whole else look.lessons() & enrolment.school_class.in_(look.own_classes)
    return absence.select(absence.pupil, m.Person.surname, m.Person.name, enrolment.school_class, lesson.day,
                          fn.COUNT(absence.id)).join(lesson).join_from(
        absence, enrolment, on=((enrolment.pupil == absence.pupil) & enrolment.covers(look.today))).join_from(
        absence, m.Pupil).join(m.Person).where(own & absence.code.in_(list(m.codes().unexplained) or [""])).group_by(
        absence.pupil, m.Person.surname, m.Person.name, enrolment.school_class, lesson.day)


@asks(_nobody_explained)
def unexplained(look: Look):
    """Absences nobody has explained: with the class teacher within the interval of the weekly check, broken after it (ATT-05)."""
    within = days_of(look.rules.value("attendance.ct_check_interval"))
    return [Trace("broken" if look.today - day > within else "risk", look.class_teachers.get(school_class), school_class,
                    ("excuse", pupil, day), None, day, m.Text(_UNEXPLAINED, n=n), f"{surname} {name}")
            for pupil, surname, name, school_class, told, n in look.told(_nobody_explained) for day in [day_of(told)]]


# ---- substitutions ----

_UNSIGNED = m.Text(m.N_("the substitute has written nothing"))


def _unrecorded(look):
    row, lesson = m.Substitution, m.Lesson
    at = look.now.astimezone(clock.zone()).time().replace(tzinfo=None)
    begun = (lesson.day < look.today) | (lesson.starts <= at)
    return row.select(lesson.id, lesson.course, row.substitute, lesson.day).join(lesson).where(
        look.lessons() & begun & row.recorded_at.is_null())


@asks(_unrecorded)
def substitutions(look: Look):
    """Substitutions that are over and have no record of the substitute (SUB-02, SUB-03)."""
    return [Trace("broken" if day < look.today else "risk", giver, look.class_of(course), ("lesson", number), course, day, _UNSIGNED)
            for number, course, giver, told in look.told(_unrecorded) for day in [day_of(told)]]


# ---- words ----

_NOT_RUSSIAN, _UNNAMED = m.Text(m.N_("not in Russian")), m.Text(m.N_("the work has no topic of its own"))
_UNCLEAR = m.Text(m.N_("homework that a family may not understand"))


def _foreign(text):
    """The condition that a text holds Latin letters: SQLite changes the case of no others."""
    return fn.LOWER(text) != fn.UPPER(text) if m.is_sqlite() else text.regexp("[a-zA-Z]")


SHORT = 30  # letters: a bare word is not longer


def _odd_topics(look):
    """(lesson, course, giver, day, topic, is it a work without a topic of its own) of topics with Latin letters and of such works."""
    if look.rules.value("journal.language") == "any":
        return None
    lesson, kind = m.Lesson, m.WorkKind
    quoted = lesson.topic.contains("«") | lesson.topic.contains('"')
    nameless = kind.code.in_(NAMED_WORKS) & (lesson.work_topic == "") & (lesson.topic != "") & ~quoted
    return _given(lesson.select(lesson.id, lesson.course, _GIVER, lesson.day, lesson.topic, _flag(nameless)).join(
        kind, JOIN.LEFT_OUTER, on=(lesson.kind == kind.id))).where(look.lessons() & (_foreign(lesson.topic) | nameless))


def _homework_words(look):
    """(lesson, course, giver, day, text, has it files) of homework that is short or holds Latin letters."""
    work = m.Homework
    filed = fn.EXISTS(m.Attachment.select(SQL("1")).where(m.Attachment.homework == work.id))
    return _given(work.select(m.Lesson.id, m.Lesson.course, _GIVER, m.Lesson.day, work.text, _flag(filed)).join(m.Lesson)).where(
        look.lessons() & (work.text != "") & ((fn.LENGTH(work.text) < SHORT) | _foreign(work.text)))


@asks(_odd_topics, _homework_words)
def language(look: Look):
    """Topics and homework that are not in Russian, and works whose own topic is not named (PLN-06)."""
    rows = look.told(_odd_topics)
    odd = set(judge_plan_words(look.rules, [row[4] for row in rows])[1])
    found = [Trace("broken", giver, look.class_of(course), ("lesson", number), course, day_of(day), _UNNAMED if named else _NOT_RUSSIAN)
             for place, (number, course, giver, day, _topic, named) in enumerate(rows, 1) if named or place in odd]
    set_ = look.told(_homework_words) if look.rules.value("journal.language") != "any" else []
    odd = set(judge_plan_words(look.rules, [row[4] for row in set_])[1])
    return found + [Trace("broken", giver, look.class_of(course), ("lesson", number), course, day_of(day), _NOT_RUSSIAN, text)
                    for place, (number, course, giver, day, text, _filed) in enumerate(set_, 1) if place in odd]


@asks(_homework_words)
def clear_words(look: Look):
    """Homework that says nothing to a family; bare numbers may be enough for those who have the book, so they are only shown (HW-05)."""
    return [Trace("noted" if any(map(str.isdigit, text)) else "broken", giver, look.class_of(course), ("lesson", lesson), course,
                  day_of(day), _UNCLEAR, text) for lesson, course, giver, day, text, filed in look.told(_homework_words)
            if not filed and unclear_homework(text)]


PROBES = (
    probe("topics", m.N_("Topics of lessons"), "LEG-03 LEG-15 PLN-05 CTL-12", "entry.topic_deadline", topics),
    probe("attendance", m.N_("Attendance of lessons"), "LEG-03 LEG-15 CTL-12 ATT-01 ATT-03 ATT-04", "entry.absence_deadline",
           absences_late),
    probe("homework", m.N_("Homework in time"), "HW-01 HW-02 HW-03", "entry.homework_deadline", homework),
    probe("marks", m.N_("Marks of a lesson in time"), "MRK-01 MRK-02 MRK-03", "entry.mark_deadline", marks_of("lesson")),
    probe("control_works", m.N_("Marks of control works in time"), "MRK-04 MRK-07", "deadline.control_work", marks_of("control")),
    probe("written", m.N_("Marks of written works in time"), "MRK-05", "deadline.written_work", marks_of("written")),
    probe("external", m.N_("Marks of external works in time"), "MRK-06", "deadline.external_diagnostic", marks_of("external")),
    probe("edits", m.N_("Changes after the edit window"), "MRK-08 MRK-09", "mark.edit_window", edits),
    probe("gradeless", m.N_("Classes taught without marks"), "MRK-14", "gradeless.scope gradeless.homework", gradeless),
    probe("codes", m.N_("Records that may not stand in a cell"), "MRK-17", "cell.codes_forbidden", codes),
    probe("retakes", m.N_("Retakes by protocol"), "ATT-07", "retake.protocol", retakes),
    probe("unexplained", m.N_("Absences without a reason"), "ATT-05 ATT-06", "attendance.ct_check_interval", unexplained, CLASS),
    probe("substitutions", m.N_("Substitutions recorded"), "SUB-01 SUB-02 SUB-03", "entry.substitution_moment", substitutions),
    probe("language", m.N_("Entries in Russian, works with their topics"), "PLN-06", "journal.language", language),
    probe("words", m.N_("Homework a family understands"), "HW-04 HW-05", "", clear_words),
)
