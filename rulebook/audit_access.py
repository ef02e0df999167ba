"""Probes of the ways in: rules of confidentiality not accepted yet, sign-ins that look as if a login was passed on."""

import models as m
import rulebook.access_rules
import rulebook.access_shared
from rulebook.audit_look import SCHOOL, Look, Trace, probe

_NO_RULES = m.Text(m.N_("the school has no rules of confidentiality"))
_NOT_ACCEPTED = m.Text(m.N_("has not accepted the rules of confidentiality in force"))
_FAMILIES = m.Text(m.N_("families that have not accepted the rules in force"))
_SEVERAL = m.Text(m.N_("the account was open on several devices at once"))
_TOGETHER = m.N_("on one device with a pupil: %(name)s")


def accepted(look: Look):
    """Everybody who can sign in has accepted the rules in force (SEC-08): nobody gets further without, so they are due, not broken."""
    rules = m.ConfidentialityRules.in_force()
    if rules is None:
        return [Trace("risk", None, None, ("rules",), what=_NO_RULES)]
    waiting = rulebook.access_rules.waiting(rules, look.today)
    staff = [Trace("risk", row.account.person_id, None, ("rules_people",), what=_NOT_ACCEPTED) for row in waiting if row.kind == "staff"]
    families = sum(row.kind != "staff" for row in waiting)
    return staff + ([Trace("noted", None, None, ("rules_people",), what=_FAMILIES, count=families)] if families else [])


def shared(look: Look):
    """Signs of a login that was passed on (SEC-09, ACC-10), of the last 30 days."""
    several = [Trace("risk", row.person, None, ("shared",), None, row.last.date(), _SEVERAL, count=row.times)
               for row in rulebook.access_shared.several(look.now)]
    return several + [Trace("risk", row.staff, None, ("shared",), None, row.last.date(), m.Text(_TOGETHER, name=row.pupil_name))
                      for row in rulebook.access_shared.together(look.now, look.today)]


PROBES = (
    probe("rules_accepted", m.N_("Rules of confidentiality are accepted"), "SEC-08", "", accepted, SCHOOL),
    probe("shared_logins", m.N_("Logins are not passed on"), "SEC-09 ACC-10", "auth.no_sharing", shared, SCHOOL),
)
