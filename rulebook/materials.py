"""What a lesson carries for its pupils: links, files, an online test, and that it is given at a distance (ACC-17, SUB-04).

Written like homework, by whoever fills the lesson in, within the edit window and never in a closed period.
"""

from dataclasses import replace

import models as m
from history import Actor
from policies import User
from rulebook.checks import clause_in_words, said
from rulebook.entries import File, plain_refusal
from rulebook.facts import Decision
from rulebook.lesson_desk import LessonDesk
from rulebook.quarantine import order_over
from rulebook.verdicts import judge_attendance

MOST = 20  # materials of one lesson


def put_materials(user: User, by: Actor, lesson: int, *, distance: bool, add: list[File] = (), drop: list[int] = (), test: bool = False,
                  reason: str = "") -> Decision:
    """Say whether the lesson is given at a distance, add files and links (a link is an online `test` if told), drop some by id. A lesson
    of today or before that was at a distance is held. Raises Foreign as put_cells."""
    with m.writing(by, reason):
        desk = LessonDesk(user, by, None, [], everybody=lesson)
        facts, row = desk.writable(lesson), desk.lessons[lesson]
        standing = m.Material.of_lessons([lesson]).get(lesson, [])
        gone = [each.id for each in standing if each.id in drop]
        if row.distance == distance and not gone and not add:
            return Decision()
        if len(standing) - len(gone) + len(add) > MOST:
            return plain_refusal(m.Text(m.N_("A lesson carries %(n)s links and files at most."), n=MOST))
        decision = desk.blocked(row) or judge_attendance(desk.rules, facts, desk.judged_at, first=False, reason=reason)
        if not decision.ok:
            return decision
        if row.distance != distance:
            _flag(by, row, distance)
        if gone:
            m.Material.delete().where(m.Material.id.in_(gone)).execute()
        if add:
            m.Material.insert_many([{"lesson": lesson, "test": test and bool(file.url), **vars(file)} for file in add]).execute()
        desk.sign([lesson])
        linked = any(each.url for each in (*add, *(each for each in standing if each.id not in gone)))
        return _without_course(desk.rules, decision) if not linked and (distance or order_over(row)) else decision


def _flag(by: Actor, row, distance: bool) -> None:
    if distance:
        row.record(by, distance=True)
    else:
        m.Lesson.update(distance=False).where(m.Lesson.id == row.id).execute()


def _without_course(rules, decision: Decision) -> Decision:
    """Where lessons at a distance go by distance courses, one without a link leads its pupils nowhere (D2 1.7)."""
    rule = rules["quarantine.mode"]
    if rule.value != "courses" or decision.message:
        return decision
    text = said(m.Text(m.N_("Kept. Pupils have no link to the distance course yet.")), clause_in_words(rules, rule),
                m.Text(m.N_("Add it.")))
    return replace(decision, severity="warn", rule=rule.key, clause=rule.clause, message=text)
