"""A breach of confidentiality, from the report to the approved act (SEC-11 … SEC-14, LAW-04).

Whoever learns of a breach reports it; the desk (head, deputy, administrator) confirms what may be a mistake or a trick. A confirmed
report shuts the account at once. When the head and technical support have both learned of it, the operations of the account since the
later of the two moments are taken back (rulebook.takeback): suspended, and invalid once the act is approved, or at once where the
regulation asks for no act. Earlier ones since the beginning of the breach stay and are listed for review.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import models as m
import policies
import rulebook.breach_due as due
import rulebook.breach_list as listing
import rulebook.takeback as takeback
from history import Actor
from models import N_, Refused, Text
from policies import User
from rulebook.rules import in_time, rules_on

SHUT = "нарушение конфиденциальности, сообщение №"  # how the reason of a shut account begins


@dataclass(frozen=True)
class Report:
    """What a report says (F-30a). `own`: about the account of whoever is signed in, otherwise the one named in `account`."""

    who: str
    discovered_at: datetime
    story: str
    kind: str = "other"
    role: str = ""
    contact: str = ""
    account: str = ""
    own: bool = False
    data: str = ""
    measures: str = ""
    personal: bool = False


# ---- the report ----

def report(user: User | None, by: Actor, said: Report) -> m.Breach:
    """Keep a report and tell the desk. One that can be relied on shuts the account at once, see `relied_on`; any other waits until
    the desk confirms it. Raises Refused naming the field."""
    _check(by, said)
    account = _own_account(user) if user and said.own else m.Account.of_login(said.account) if said.account else None
    at_once = user is not None and account is not None and relied_on(user, account) and not m.Breach.holding(account).exists()
    with m.writing(by, "Сообщение о нарушении конфиденциальности"):
        case = m.Breach.create(
            reported_at=by.at, reported_by=by.person, reporter=said.who.strip()[:200], role=said.role.strip()[:100],
            contact=said.contact.strip()[:200], said_account=(account.login if user and said.own else said.account.strip())[:100],
            account=account if at_once else None, discovered_at=said.discovered_at, kind=said.kind, story=said.story.strip()[:2000],
            data=said.data.strip()[:1000], measures=said.measures.strip()[:1000], personal=said.personal,
            regulation=rules_on(by.day).version)
        if at_once:
            _confirm(by, case, account)
        _tell_desk(by, case)
    return case


def relied_on(user: User, account: m.Account) -> bool:
    """May this person's word alone shut the account: the owner's own, the desk's, or that of whoever hands out its credentials? Anybody
    else could shut a teacher out in the middle of a lesson, so the desk confirms."""
    return account.id == user.account or user.has(*policies.BREACH_DESK) or account.person_id in policies.hands_out_to(
        user, [account.person_id])


def _own_account(user: User) -> m.Account:
    return m.Account.get_by_id(user.account)


def _check(by: Actor, said: Report) -> None:
    for name, value in (("who", said.who), ("story", said.story)):
        if not value.strip():
            raise Refused(Text({"who": N_("Say who reports"), "story": N_("Say in a few words what happened")}[name]), name)
    if said.discovered_at > by.at:
        raise Refused(Text(N_("That moment is still to come. When was the breach discovered?")), "discovered_at")
    if by.at - said.discovered_at > timedelta(days=366):
        raise Refused(Text(N_("That was more than a year ago. When was the breach discovered?")), "discovered_at")


def _tell_desk(by: Actor, case: m.Breach) -> None:
    people = {person for person, in m.Appointment.on(by.day).where(m.Appointment.role.in_(policies.BREACH_DESK)).select(
        m.Appointment.person).tuples()}
    text = N_("Breach of confidentiality, report No. %(n)s by %(who)s: the account is closed. Register when you learned of it")
    asks = N_("Breach of confidentiality, report No. %(n)s by %(who)s: confirm it or decline it")
    m.Notice.tell(by, people, Text(text if case.confirmed_at else asks, n=case.id, who=case.reporter), f"/breach/{case.id}", "breach")


# ---- what the desk does ----

def confirm(by: Actor, case: m.Breach, account: m.Account | None, personal: bool = False) -> None:
    """The report holds: the account is shut and its sign-ins end at once. Without an account (papers were lost) there is nothing to
    shut. Refused when it was decided before, or another case keeps the account shut."""
    if case.confirmed_at or case.declined_at:
        raise Refused(Text(N_("Report No. %(n)s is decided already"), n=case.id))
    other = m.Breach.holding(account).first() if account else None
    if other:
        raise Refused(Text(N_("The account is closed by report No. %(n)s already. Decline this one as a repetition."), n=other.id))
    with m.writing(by, f"Сообщение о нарушении № {case.id} подтверждено"):
        case.write(by, personal=case.personal or personal)
        _confirm(by, case, account)


def _confirm(by: Actor, case: m.Breach, account: m.Account | None) -> None:
    case.write(by, confirmed_at=by.at, confirmed_by=by.person, account=account)
    if account:
        account.shut(by, f"{SHUT} {case.id}")
    settle(by, case)


def decline(by: Actor, case: m.Breach, reason: str) -> None:
    """There was no breach, or the act is declined: what was taken back comes again, except where somebody has written since, and the
    account opens with its own password. Refused without a reason, or after the act was approved."""
    if not reason.strip():
        raise Refused(Text(N_("Say why in a few words: the reason stays in the history")), "reason")
    _not_closed(case)
    with m.writing(by, f"{takeback.GROUND} № {case.id} не подтвердилось: {reason.strip()}"[:400]):
        if case.suspended_by:
            takeback.take_back(case.own_acts())
        case.write(by, declined_at=by.at, declined_by=by.person, decline_reason=reason.strip()[:300])
        if case.account_id and case.confirmed_at and not case.restored_at:
            _open(case.account)


def tell(by: Actor, case: m.Breach, whom: str, at: datetime, paper: str = "") -> None:
    """Register when one of TOLD learned of the breach; again, to correct it. The later of head and support is the notice from which
    operations do not hold. Refused for a moment to come, or before the discovery."""
    _not_closed(case, whom)
    if not case.confirmed_at:
        raise Refused(Text(N_("Confirm the report first")))
    if at > by.at:
        raise Refused(Text(N_("That moment is still to come")), whom)
    if at < case.discovered_at:
        raise Refused(Text(N_("That is before the discovery of %(at)s"), at=case.discovered_at), whom)
    facts = due.known(case)
    limit, clause = due.limit_of(facts.rules, case, whom, facts.is_school_day)
    with m.writing(by, f"{takeback.GROUND} № {case.id}: уведомление, операции после него приостановлены"):
        m.BreachNotice.put(by, case, whom, told_at=at, paper=paper.strip()[:100], late=not in_time(limit, at), clause=clause)
        settle(by, case)


def date_back(by: Actor, case: m.Breach, began_at: datetime | None, known: bool, personal: bool) -> None:
    """Since when somebody else may have used the account, and whether personal data got out."""
    _not_closed(case)
    if began_at and began_at > case.discovered_at:
        raise Refused(Text(N_("The breach cannot begin after its discovery on %(at)s"), at=case.discovered_at), "began_at")
    with m.writing(by, f"{takeback.GROUND} № {case.id}: обстоятельства"):
        case.write(by, began_at=began_at, began_known=bool(began_at and known), personal=personal)
        settle(by, case)


def shut_account(person: int) -> m.Account | None:
    """The account of a person that a report keeps shut."""
    case = m.Breach.select(m.Breach, m.Account).join(m.Account).where(
        (m.Account.person == person) & m.Breach.id.in_(m.Breach.standing().select(m.Breach.id))).order_by(m.Breach.id.desc()).first()
    return case and case.account


def restore(by: Actor, account: m.Account) -> None:
    """New credentials are being issued: what is written from now on is valid. Inside `writing`; nothing where no case holds the
    account."""
    for case in m.Breach.holding(account):
        case.write(by, restored_at=by.at, restored_by=by.person)
        _open(account)
        settle(by, case)


def _open(account: m.Account) -> None:
    """Only what a report shut: a reason of its own keeps the account closed."""
    if account.locked.startswith(SHUT):
        account.locked = ""
        account.save(only=[m.Account.locked])


def _not_closed(case: m.Breach, whom: str = "") -> None:
    act = act_of(case)
    if case.declined_at:
        raise Refused(Text(N_("Report No. %(n)s is declined"), n=case.id))
    if act and act.approved_at and whom not in due.ASKED:
        raise Refused(Text(N_("The act of %(at)s is approved: nothing in it changes any more"), at=act.approved_at))


# ---- operations ----

def settle(by: Actor, case: m.Breach) -> None:
    """Bring the journal and the list of operations in accord with the moments that are registered. Inside `writing`."""
    if case.account_id is None or case.confirmed_at is None:
        return
    moment = due.notice_time(due.known(case))
    after = takeback.acts_of(case.account_id, moment, case.restored_at) if moment else []
    since = case.began_at or case.discovered_at
    until = min((each for each in (moment, case.restored_at) if each), default=None)
    before = takeback.acts_of(case.account_id, since, until) if until is None or since < until else []
    with m.writing(by) as act:
        if case.suspended_by:
            takeback.take_back(case.own_acts())
        case.write(by, suspended_by=act if after else None)
        changes = takeback.changes_of(after)
        taken = takeback.take_back(after, case.own_acts() | {act})
        _tell_owner(by, case, len(taken.cells))
        listing.lay(case, changes, taken, takeback.changes_of(before))


def _tell_owner(by: Actor, case: m.Breach, cells: int) -> None:
    """A member of staff reads with the new credentials what of theirs has gone."""
    owner = case.account.person_id
    if cells and m.Employee.select().where(m.Employee.person == owner).exists():
        text = N_("Breach No. %(n)s: entries of your account in %(cells)s cells were taken back. Look your journals through")
        m.Notice.tell(by, [owner], Text(text, n=case.id, cells=cells), "/journal/", "breach")


def decide(by: Actor, case: m.Breach, operations, decision: str) -> int:
    """What became of operations that are listed for review; how many."""
    if decision not in ("kept", "wrong", "back"):
        raise Refused(Text(N_("Say whether they stay or are wrong")))
    with m.writing(by, f"{takeback.GROUND} № {case.id}: проверка операций"):
        return m.BreachOperation.decide(by, case, operations, decision)


# ---- the act ----

def draw(by: Actor, case: m.Breach, *, number: str, day: date, chair: str, members: str, **more) -> None:
    """Draw the act up, or change it until it is approved (`more`: place, order_no, findings, measures). Refused without a number, a
    chair and two members more (F-30b)."""
    _not_closed(case)
    people = [line.strip() for line in re.split(r"[\n;]", members) if line.strip()]
    for name, value in (("number", number), ("chair", chair)):
        if not value.strip():
            raise Refused(Text({"number": N_("Give the act its number"), "chair": N_("Name the chair of the commission")}[name]), name)
    if len(people) < 2:
        raise Refused(Text(N_("Name at least two members of the commission, one a line")), "members")
    if not case.confirmed_at:
        raise Refused(Text(N_("Confirm the report first")))
    values = {"number": number.strip()[:40], "day": day, "chair": chair.strip()[:200], "members": "\n".join(people)[:1000], **more}
    act = act_of(case)
    with m.writing(by, f"Акт № {number.strip()} о нарушении конфиденциальности"):
        if act:
            act.write(by, **values)
        else:
            m.BreachAct.create(breach=case, drawn_at=by.at, drawn_by=by.person, **values)


def approve(by: Actor, case: m.Breach) -> None:
    """The act takes effect: what was suspended is invalid (SEC-14). Refused before it is drawn up and everybody was told."""
    act = act_of(case)
    _not_closed(case)
    if act is None:
        raise Refused(Text(N_("Draw the act up first")))
    if any(timer.notice is None for timer in due.timers(case, due.known(case), by.at) if timer.whom not in due.ASKED):
        raise Refused(Text(N_("Register first when the head and technical support learned of the breach: the act rests on it")))
    act.write(by, f"Акт № {act.number}: операции с момента уведомления недействительны", approved_at=by.at, approved_by=by.person)


def keep_copy(by: Actor, case: m.Breach, name: str, digest: str, mime: str) -> None:
    """Attach the signed copy of the act; a new one takes the place of the last."""
    act = act_of(case)
    if act is None:
        raise Refused(Text(N_("Draw the act up first")))
    act.write(by, f"Акт № {act.number}: подписанный экземпляр", copy_name=name, copy_digest=digest, copy_mime=mime)


def act_of(case: m.Breach) -> m.BreachAct | None:
    return m.BreachAct.get_or_none(m.BreachAct.breach == case)
