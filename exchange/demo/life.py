"""The months the demo school has lived through: attendance, topics, marks, homework, remarks and a closed quarter.

Everything is made up in memory, lesson by lesson, and written in bulk: one act for a teacher's day, as if that teacher
had filled the journal in the evening. Marks follow the pupils' natures; everything follows the seed.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from random import Random

import clock
import formulas
import models as m
import rulebook.result_verdicts
from exchange.demo import outline, scene
from history import Actor

PRAISE = ("Отличная работа на уроке!", "Активная работа, полные ответы.", "Помощь товарищу в трудной теме, спасибо!",
          "Красивое решение у доски.", "Заметен прогресс, так держать!")
WORRY = ("Не выполнено домашнее задание.", "Отвлекается на уроке, прошу побеседовать.", "Не было тетради и учебника.",
         "Нужно повторить тему, жду на консультации.", "Разговоры на уроке.")
ALL_MARKED = ("К", "Дк", "Т", "Сч", "И", "Зч", "Пр")
DOUBLE = ("Дк", "Сч", "И")  # two marks in one cell: content and literacy
MORNING, EVENING = time(7, 50), time(15, 10)
DEPARTURE = "Учтены итоговая контрольная работа и старание в течение четверти"
PUT_OFF, PUT_OFF_WHY = "продление", "Нет текущих отметок: болезнь, сдаст материал позже"  # D1 5.3
PUT_OFF_FOR = timedelta(days=61)  # to the end of the next quarter


@dataclass
class Page:
    """What one writer enters at one sitting: rows by table, their columns as in FIELDS."""

    at: datetime
    rows: dict = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Sitting:
    """One lesson being filled at a sitting."""

    given: scene.Given
    page: Page
    at: datetime
    late: bool
    rules: object

    def add(self, model, *row) -> None:
        self.page.rows[model].append((self.given.id, *row))

    def judged(self, key: str) -> tuple:
        """Late or not, by which rule and clause, in which version of the regulation."""
        said = (self.rules[key].key, self.rules[key].clause) if self.late else ("", "")
        return (self.late, *said, self.rules.version)

    def entered(self, key: str) -> tuple:
        """The columns _ENTRY."""
        return (self.at, self.given.writer, *self.judged(key))


_ENTRY = ("entered_at", "entered_by", "late", "rule", "clause", "regulation")
FIELDS = {
    m.Lesson: ("topic", "plan_topic", "kind", "work_topic", "topic_at", "topic_late", "topic_rule", "topic_clause",
               "topic_regulation", "attendance_at", "attendance_by", "attendance_late", "attendance_rule",
               "attendance_clause", "attendance_regulation"),
    m.Work: ("lesson", "id", "kind", "title", "position"),
    m.Mark: ("lesson", "pupil", "work", "position", "value", *_ENTRY),
    m.Absence: ("lesson", "pupil", "code", "minutes", "document", *_ENTRY),
    m.Homework: ("lesson", "text", "not_set", "due", *_ENTRY),
    m.Remark: ("lesson", "pupil", "text", "author", "at"),
}


def live(year: m.Year, until: datetime, seed: int) -> None:
    """Fill the year's journals up to a moment; the last lessons of some teachers wait for them."""
    school = scene.read(year, until, seed)
    pages: dict[tuple, Page] = {}
    results = []
    works = count(1)  # numbers for rows of `work`, which the marks of the same page need
    for course in school.courses:
        diary = Diary(school, course, pages, works, Random(f"{seed} {course.school_class.name} {course.subject}"))
        diary.fill()
        results += diary.period_marks()
    _write(school, pages)
    _write_results(school, results)
    m.follow_ids(m.Work)


class Diary:
    """One course being filled."""

    def __init__(self, school: scene.Scene, course: scene.Course, pages: dict, works: Iterator[int], random: Random):
        self.school, self.course, self.pages, self.works, self.random = school, course, pages, works, random
        self.kept: dict[int, list[tuple]] = defaultdict(list)  # pupil → (day, value, weight)
        self.graded = not course.gradeless and course.grading == "marks"

    def fill(self) -> None:
        steps = iter(self.course.steps)
        for place, given in enumerate(self.course.lessons):
            if given.over > self.school.until or self._is_forgotten(given):
                continue
            following = self.course.lessons[place + 1] if place + 1 < len(self.course.lessons) else None
            self._lesson(given, next(steps), place + 1, following)

    def period_marks(self) -> list[tuple]:
        """(closing teacher, course, pupil, period, value, computed, average, reason) of the periods that have ended."""
        found = []
        for period in self.school.calendar.periods.get(self.course.school_class.period_set_id, ()):
            if period.ends < self.school.until.date():
                found += self._results_of(period)
        return found

    def _is_forgotten(self, given) -> bool:
        """Some lessons of the last fortnight still wait for their teacher."""
        return self.school.until.date() - given.day < timedelta(days=12) and self.random.random() < 0.03

    def _lesson(self, given, step: outline.Step, number: int, following) -> None:
        sitting = self._sitting(given)
        here = self._attendance(sitting)
        kind = self.school.kinds.get(step.kind, (None, 1))[0] if self.graded else None
        sitting.page.rows[m.Lesson].append((
            step.topic, step.row, kind, step.work if kind else "", sitting.at, *sitting.judged("entry.topic_deadline"),
            sitting.at if sitting.late else given.begins + timedelta(minutes=4), given.writer,
            *sitting.judged("entry.absence_deadline"), given.id))
        if self.graded:
            self._marks(sitting, step, here)
        if not self.course.gradeless:
            self._homework(sitting, step, number, following)

    def _sitting(self, given) -> Sitting:
        """On the day itself; now and then next morning, and then late."""
        late = given.day < self.school.until.date() and self.random.random() < 0.025
        evening = min(clock.at(given.day, EVENING), self.school.until)
        moment = clock.at(given.day + timedelta(days=1), MORNING) if late else evening
        page = self.pages.setdefault((moment, given.writer), Page(moment))
        at = moment if late else min(given.over - timedelta(minutes=2), moment)
        return Sitting(given, page, at, late, self.school.rules)

    def _attendance(self, sitting: Sitting) -> list[int]:
        """Write down who is away or late; the pupils who are there."""
        here, entered = [], sitting.entered("entry.absence_deadline")
        for pupil in self.course.present(sitting.given.day):
            code, paper = self.school.natures[pupil].away.get(sitting.given.day, ("", ""))
            minutes = None
            if not code:
                here.append(pupil)
                if self.random.random() > 0.006:
                    continue
                code, minutes = "о", self.random.choice((3, 5, 7, 10))
            sitting.add(m.Absence, pupil, code, minutes, paper, *entered)
        return here

    def _marks(self, sitting: Sitting, step: outline.Step, here: list[int]) -> None:
        kind = step.kind if step.kind in self.school.kinds else ""
        if kind in ALL_MARKED:
            asked = here
        elif kind:
            asked = [pupil for pupil in here if self.random.random() < 0.85]
        else:
            asked = self._least_asked(here, 2 + len(here) // 6)
        for pupil in asked:
            value = self._mark(sitting, pupil, kind or "О")
            if kind in DOUBLE and self.course.grade > 2:
                self._mark(sitting, pupil, kind, position=2)
            if value != "4" and self.random.random() < 0.02:
                words = self.random.choice(PRAISE if value == "5" else WORRY)
                sitting.add(m.Remark, pupil, words, sitting.given.writer, sitting.at)
        if not kind and self.course.hours >= 2 and self.random.random() < 0.18:
            self._check_homework(sitting, here)

    def _least_asked(self, here: list[int], number: int) -> list[int]:
        return sorted(here, key=lambda pupil: len(self.kept[pupil]) + 2.5 * self.random.random())[:number]

    def _check_homework(self, sitting: Sitting, here: list[int]) -> None:
        work = next(self.works)
        sitting.add(m.Work, work, self.school.kinds["Д"][0], "Проверка домашнего задания", 1)
        for pupil in self._least_asked(here, max(3, len(here) // 3)):
            self._mark(sitting, pupil, "Д", work)

    def _mark(self, sitting: Sitting, pupil: int, kind: str, work: int | None = None, position: int = 1) -> str:
        value = self.school.natures[pupil].mark(self.course.subject, kind)
        sitting.add(m.Mark, pupil, work, position, value, *sitting.entered("entry.mark_deadline"))
        self.kept[pupil].append((sitting.given.day, int(value), self.school.kinds[kind][1]))
        return value

    def _homework(self, sitting: Sitting, step: outline.Step, number: int, following) -> None:
        text, chance = step.homework or outline.homework_of(self.course.subject, number), self.random.random()
        entered = sitting.entered("entry.homework_deadline")
        if text and chance > 0.04:
            sitting.add(m.Homework, text, False, following.day if following else None, *entered)
        elif text or chance < 0.6:
            sitting.add(m.Homework, "", True, None, *entered)

    def _results_of(self, period) -> list[tuple]:
        course, rules = self.course, self.school.rules
        teacher = next((g.writer for g in reversed(course.lessons) if g.day <= period.ends), None)
        if teacher is None or course.grading == "none":
            return []
        pupils = course.present(period.ends)
        if course.gradeless:
            if "безотм" not in rulebook.result_verdicts.allowed_results(rules, course.grade, 1):
                return []
            return [(teacher, course.id, pupil, period.id, "безотм", "", "", "") for pupil in pupils]
        found = []
        for pupil in pupils:
            average = formulas.weighted_mean((value, weight) for day, value, weight in self.kept[pupil]
                                             if period.starts <= day <= period.ends)
            computed = formulas.term_mark(average, rules.value("final.rounding"))
            put = self._put(computed, average) if computed else (PUT_OFF, "", "", PUT_OFF_WHY)
            found.append((teacher, course.id, pupil, period.id, *put))
        return found

    def _put(self, computed: int, average) -> tuple:
        """(value, computed, average, reason): now and then the teacher departs from the rule and says why."""
        near = computed < 5 and float(average) > computed + 0.35 and self.random.random() < 0.25
        return str(computed + near), str(computed), str(average), DEPARTURE if near else ""


# ---- writing it down ----

def _write(school: scene.Scene, pages: dict[tuple, Page]) -> None:
    lent = {lesson for lesson, in m.Substitution.select(m.Substitution.lesson).tuples()}
    for (moment, writer), page in sorted(pages.items(), key=lambda entry: entry[0]):
        with m.writing(by := Actor(school.people[writer], moment, writer)):
            lessons = page.rows.pop(m.Lesson)
            _update_lessons(lessons)
            written = lent.intersection(row[-1] for row in lessons)
            m.Substitution.record(by, written) if written else None
            for model in (m.Work, m.Mark, m.Absence, m.Homework, m.Remark):
                m.insert_rows(model, [getattr(model, name) for name in FIELDS[model]], page.rows[model])


def _update_lessons(rows: list[tuple]) -> None:
    fields = [getattr(m.Lesson, name) for name in ("state", *FIELDS[m.Lesson])]
    m.update_rows(m.Lesson, fields, [("held", *row) for row in rows])


def _write_results(school: scene.Scene, results: list[tuple]) -> None:
    """Period marks put three days before the end, by each teacher in one act."""
    periods = {p.id: p for own in school.calendar.periods.values() for p in own}
    sittings: dict[tuple, list] = defaultdict(list)
    for teacher, *row in results:
        sittings[periods[row[2]].ends, teacher].append(row)
    fields = [getattr(m.PeriodMark, name) for name in (
        "course", "pupil", "period", "value", "computed", "average", "reason", *_ENTRY)]
    for (end, teacher), rows in sorted(sittings.items()):
        at = clock.at(end - timedelta(days=3), EVENING)
        with m.writing(Actor(school.people[teacher], at, teacher)):
            m.insert_rows(m.PeriodMark, fields, [(*row, at, teacher, False, "", "", school.rules.version) for row in rows])
            put_off = m.PeriodMark.select(m.PeriodMark.id).where(
                (m.PeriodMark.entered_by == teacher) & (m.PeriodMark.entered_at == at) & (m.PeriodMark.value == PUT_OFF)).tuples()
            papers = [{"mark": mark, "until": end + PUT_OFF_FOR, "reason": PUT_OFF_WHY, "paper": "приказ № 121 от 22.10.2026"}
                      for mark, in put_off]
            m.Deferral.put(Actor(school.people[teacher], at, teacher), papers) if papers else None
