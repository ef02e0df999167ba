"""Contradictions within the school's document that nobody has decided yet: a duty of who may change the regulation."""

import models as m
from rulebook.due import Duty, Source, fact


def _facts(user, rules, now):
    if not user.has("ADM", "DIR") or not rules.contradictions or rules.version is None:
        return []
    regulation = m.RegulationVersion.select(m.RegulationVersion.regulation).where(m.RegulationVersion.id == rules.version)
    chosen = m.RegulationReading.select().where(m.RegulationReading.regulation.in_(regulation))
    return [fact(chosen, "reading", words=m.RegulationReading.key)]


def _duties(user, rules, now, found):
    if not _facts(user, rules, now):
        return []
    chosen = {row.words for row in found("reading")}
    left = [rule for rule in rules.contradictions if rule.key not in chosen]
    clauses = ", ".join(dict.fromkeys(clause for rule in left for clause in rule.clause.split(", ")))
    return [Duty(m.Text(m.N_("Decide how to read contradictions of the regulation: %(n)s"), n=len(left)), None, "/regulation/readings",
                 clauses if len(clauses) <= 40 else "", False, "regulation")] if left else []


SOURCE = Source(_facts, _duties)
