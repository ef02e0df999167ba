"""The list of operations of a breach in the words of its act (F-30b): what was changed, where, from what to what, what stands now."""

from collections import Counter

from peewee import chunked

import models as m
import rulebook.takeback as takeback

RESULTS = {"year": "год", "exam": "экзамен", "final": "итоговая"}
TABLES = {"account": "учётные записи", "person": "карточки людей", "pupil": "карточки обучающихся", "guardianship": "семьи",
          "enrolment": "списки классов", "movement": "движение", "appointment": "роли сотрудников", "employee": "сотрудники",
          "assignment": "нагрузка", "timetable": "расписание", "slot": "расписание", "plan": "тематические планы",
          "plan_topic": "тематические планы", "plan_correction": "коррекция планов", "period_closure": "закрытие периодов",
          "regulation_version": "положение", "invitation": "коды приглашения", "credential_issue": "выдача реквизитов",
          "excuse": "документы о пропусках", "correction": "запросы исправлений", "correction_decision": "решения об исправлениях",
          "room": "кабинеты", "holiday": "календарь", "course": "журналы", "unit_member": "подгруппы", "school": "организация",
          "message": "сообщения", "announcement": "объявления", "material": "ссылки и файлы уроков", "portfolio_item": "портфолио",
          "portfolio_reader": "портфолио"}
SCREENS = frozenset({"person", "pupil", "guardianship", "enrolment", "movement", "appointment", "employee", "assignment", "timetable",
                     "slot", "excuse", "holiday", "room", "course", "unit_member", "school", "school_class", "unit", "subgroup_set"})
MOST_NAMED = 40  # records of one act and table that are told one by one
_DERIVED = frozenset({"id", "search", "sort"})


def lay(case: m.Breach, after: tuple, taken: takeback.Taken, before: tuple) -> None:
    """Write the list anew; decisions taken stay with the operations they were taken of. Inside `writing`. `after` and `before` are what
    `takeback.changes_of` answers."""
    decided = {_mark(row): (row.decision, row.decided_at, row.decided_by_id) for row in m.BreachOperation.select().where(
        (m.BreachOperation.breach == case) & (m.BreachOperation.decision != ""))}
    rows = [*_rows("after", after, taken), *_rows("before", before, None)]
    for row in rows:
        row["breach"] = case.id
        row["decision"], row["decided_at"], row["decided_by"] = decided.get(_mark(m.BreachOperation(**row)), ("", None, None))
    m.BreachOperation.delete().where(m.BreachOperation.breach == case).execute()
    for part in chunked(rows, 50):
        m.BreachOperation.insert_many(part).execute()


def _mark(row) -> tuple:
    return row.act, row.what, row.subject, row.old, row.new


def _rows(phase: str, told: tuple, taken: takeback.Taken | None) -> list[dict]:
    changes, others = told
    changes = [change for change in changes if change.table != "deferral"]
    places = _Places(changes)
    rows = []
    for change in changes:
        what, old, new = takeback.words(change)
        if old == new:
            continue
        state = "review" if taken is None else "undone" if change.key in taken.cells else "stands"
        restored = takeback.result(what, taken.cells[change.key]) if state == "undone" else ""
        rows.append({"phase": phase, "act": change.act, "at": change.at, "what": what, "subject": places.words(change)[:300],
                     "course": places.course(change), "lesson": places.lesson_of(change), "old": old[:500], "new": new[:500],
                     "restored": restored[:500], "state": state})
    return rows + _others(phase, others, "review" if taken is None else "hand")


def _others(phase: str, others: list[tuple], state: str) -> list[dict]:
    """Records of lists, timetables, plans…: a line each with what was changed in it and where it is mended; of more than MOST_NAMED in
    one act and table the number alone."""
    counts, rows, told = Counter((act, table) for act, _at, table, *_ in others), [], set()
    for act, at, table, row, op, old, new in others:
        many = counts[act, table]
        if many > MOST_NAMED and (act, table) in told:
            continue
        told.add((act, table))
        was, now = (_shown(old), _shown(new)) if many <= MOST_NAMED else ("", f"записей: {many}")
        rows.append({"phase": phase, "act": act, "at": at, "what": "other", "subject": TABLES.get(table, table), "course": None,
                     "lesson": None, "old": was[:500], "new": now[:500], "restored": "", "state": state,
                     "link": _link(table, row, op, new or old or {}) if many <= MOST_NAMED else ""})
    return rows


def _shown(image: dict | None) -> str:
    """The values of an image that say something to people: no numbers of other records, nothing derived."""
    return ", ".join(str(value) for name, value in (image or {}).items()
                     if value not in (None, "", 0, "***") and name not in _DERIVED and not name.endswith("_id"))


def _link(table: str, row: int, op: str, image: dict) -> str:
    """Where such a record is mended: its plan, or its administrative screen; what was deleted has none."""
    if table in ("plan", "plan_topic"):
        plan = row if table == "plan" else image.get("plan_id")
        return f"/plans/{plan}" if plan and (op != "D" or table == "plan_topic") else "/plans/"
    if table == "plan_correction":
        return f"/plans/course/{image['course_id']}" if image.get("course_id") else "/plans/"
    if table not in SCREENS:
        return ""
    return f"/admin/{table}/edit/?id={row}" if op != "D" else f"/admin/{table}/"


class _Places:
    """Where changes happened, in words; four queries however many there are."""

    def __init__(self, changes):
        self.lessons = self._by_id(m.Lesson.select(m.Lesson, m.Course, m.Unit, m.Subject).join(m.Course).join(m.Unit).join_from(
            m.Course, m.Subject), m.Lesson, {self.lesson_of(change) for change in changes})
        self.courses = self._by_id(m.Course.select(m.Course, m.Unit, m.Subject).join(m.Unit).join_from(m.Course, m.Subject), m.Course,
                                   {_row(change).get("course_id") for change in changes})
        self.pupils = self._by_id(m.Pupil.select(m.Pupil, m.Person).join(m.Person), m.Pupil, {_pupil(change) for change in changes})
        self.periods = self._by_id(m.Period.select(), m.Period, {_row(change).get("period_id") for change in changes})

    @staticmethod
    def _by_id(query, model, ids) -> dict:
        ids = sorted(ids - {None})
        return {row.id: row for part in chunked(ids, takeback.PART_OF_IN) for row in query.where(model.id.in_(part))}

    @staticmethod
    def lesson_of(change) -> int | None:
        if change.table == "lesson":
            return change.row
        return change.key[1] if change.table == "attachment" and change.key[0] == "homework" else _row(change).get("lesson_id")

    def course(self, change) -> int | None:
        lesson = self.lessons.get(self.lesson_of(change))
        return lesson.course_id if lesson else _row(change).get("course_id")

    def words(self, change) -> str:
        lesson, course = self.lessons.get(self.lesson_of(change)), self.courses.get(_row(change).get("course_id"))
        course, parts = lesson.course if lesson else course, []
        if course:
            parts += [course.unit.name, course.subject.name]
        if lesson:
            parts.append(f"{lesson.day:%d.%m.%Y}, урок {lesson.number}")
        elif course:
            period = self.periods.get(_row(change).get("period_id"))
            parts.append(period.name if period else RESULTS.get(_row(change).get("kind"), ""))
        pupil = self.pupils.get(_pupil(change))
        return ", ".join(filter(None, [*parts, pupil.person.short_name if pupil else ""]))


def _row(change) -> dict:
    return change.after or change.before or {}


def _pupil(change) -> int | None:
    return _row(change).get("pupil_id")
