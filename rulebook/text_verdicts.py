"""The regulation judges what is written in words: topics, homework, comments, names of works, topics of plans (PLN-06, HW-04, HW-05)."""

import re
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import models as m
from rulebook.checks import (
    NOTHING_CHANGED, Wording, by_severity, clause_in_words, in_deadline, in_russian, is_forbidden, period_open, said, standing_text,
    strongest, window_open,
)
from rulebook.facts import Decision, LessonFacts, is_gradeless
from rulebook.rules import NOT_SET, Rule, Rules

_BARE_HOMEWORK = {"повторить", "учить", "выучить", "доделать", "закончить", "читать", "прочитать", "решать", "подготовиться", "то же"}
_HOMEWORK_CLEAR = Rule("homework.clear", True, "warn")
NAMED_WORKS = ("К", "П", "Л")


def judge_topic(rules: Rules, facts: LessonFacts, old: str, new: str, now: datetime, *, reason: str = "",
                unlocked: bool = False, entered_at: datetime | None = None) -> Decision:
    """May the lesson's topic become `new`?"""
    if old == new:
        return Decision()
    change = Wording(rules, facts, old, new, now, reason.strip(), unlocked, standing_text(old), entered_at if old else None)
    late = in_deadline(change, rules["entry.topic_deadline"]) if new and not old else None
    return strongest((period_open(change), window_open(change), late, in_russian(change)))


def judge_homework(rules: Rules, facts: LessonFacts, old: str, new: str, now: datetime, *, reason: str = "",
                   unlocked: bool = False, entered_at: datetime | None = None) -> Decision:
    """May the homework become `new`? «не задано» is NOT_SET, and is not homework."""
    if old == new:
        return Decision()
    change = Wording(rules, facts, old, new, now, reason.strip(), unlocked, standing_text(old), entered_at if old else None)
    late = in_deadline(change, rules["entry.homework_deadline"]) if new and not old else None
    return strongest((period_open(change), _homework_is_set(change), window_open(change), late, in_russian(change),
                      _homework_is_clear(change)))


def is_code_in_words(rules: Rules, text: str) -> bool:
    """Does a comment say nothing but a forbidden code, or its name (MRK-17)?"""
    word = m.fold(text).strip(" .!")
    return any(word in (m.fold(code.code), m.fold(code.name), m.fold(code.name) + "а") for code in m.codes().all.values()
               if is_forbidden(rules, code.code))


def judge_remark(rules: Rules, facts: LessonFacts, text: str, now: datetime, *, reason: str = "", unlocked: bool = False) -> Decision:
    """May this comment to a pupil be written? Its language is watched as that of all entries (PLN-06)."""
    change = Wording(rules, facts, "", text, now, reason.strip(), unlocked, NOTHING_CHANGED)
    forbidden = None
    if is_code_in_words(rules, text):
        what = m.Text(m.N_("The record «%(code)s» is not used in the journal."), code=text[:20])
        forbidden = by_severity(change, rules["cell.codes_forbidden"], what, m.Text(m.N_("Write what the family has to know.")))
    return strongest((period_open(change), forbidden, in_russian(change)))


def judge_words(rules: Rules, text: str) -> Decision:
    """Is what a work is about written in the language of the journal (PLN-06)?"""
    return strongest((in_russian(Wording(rules, None, "", text, None, "", False, NOTHING_CHANGED)),))


def _homework_is_set(change):
    facts, rule = change.facts, change.rules["gradeless.homework"]
    if change.text in ("", NOT_SET) or rule.value == "allow" or not is_gradeless(change.rules, facts.grade, facts.half):
        return None
    what = m.Text(m.N_("No homework is set in grade %(grade)s now."), grade=facts.grade)
    return by_severity(change, rule, what, m.Text(m.N_("Write to the parents by a message if something should be brought.")))


def _homework_is_clear(change):
    """Fewer than three letters, or a bare word, tells a family nothing (HW-05); what files say is not read."""
    if change.text in ("", NOT_SET) or change.text.endswith(")") or not unclear_homework(change.text):
        return None
    return by_severity(change, _HOMEWORK_CLEAR, m.Text(m.N_("The family may not understand this homework.")),
                        m.Text(m.N_("Say what to do: pages, numbers, how it is to look.")))


def unclear_homework(text: str) -> bool:
    """Has the text fewer than three letters, or is it one of the bare words (HW-05)?"""
    return sum(map(str.isalpha, text)) < 3 or m.fold(text).strip(" .!") in _BARE_HOMEWORK


def work_named(rules, kind, topic, work_topic):
    """Control, practical and laboratory works are entered with their own topic, or the lesson's topic quotes it (PLN-06)."""
    rule = rules["journal.language"]
    named = work_topic or re.search(r"[«\"“].+[»\"”]", topic)
    if kind is None or kind.code not in NAMED_WORKS or named or rule.value == "any" or rule.severity == "off":
        return None
    what = m.Text(m.N_("%(kind)s without the topic of the work."), kind=kind.name)
    todo = m.Text(m.N_("Write what the work is about."))
    told = said(what, clause_in_words(rules, rule))
    return Decision(True, rule.severity, rule.key, rule.clause, said(told, m.Text(m.N_("Saved.")), todo), told=told)


def judge_plan_words(rules: Rules, topics: list[str]) -> tuple[Decision, list[int]]:
    """(what the rule on language says, numbers of the topics it speaks of) of the topics of a plan; nothing is refused."""
    rule = replace(rules["journal.language"], severity="warn")
    if rules["journal.language"].severity == "off":
        return Decision(), []
    rules = replace(rules, rules=MappingProxyType({**rules.rules, rule.key: rule}))
    told = [in_russian(Wording(rules, None, "", topic, None, "", False, NOTHING_CHANGED)) for topic in topics]
    return strongest(told), [number for number, decision in enumerate(told, 1) if decision]
