"""The rules of confidentiality a school begins with (SEC-08): a text made of the clauses of the document it lives by. The administrator
changes it; every version is accepted anew by everybody.

The text is Russian in every language of the interface, as all legal texts are.
"""

from datetime import date
from typing import NamedTuple

from peewee import fn

import models as m
from history import Actor
from rulebook.clauses import clauses_of
from rulebook.rules import Rules

# What is said, and the requirements whose clauses are named behind it.
_SAID = (
    ("Логин и пароль выданы лично вам. Не передавайте их никому: ни коллегам, ни детям, ни родственникам, ни тем, кто представился "
     "службой поддержки.", ("SEC-09",)),
    ("{pupils} никогда не работают в журнале под логином и паролем {teacher}, даже под диктовку и «на минутку».", ("ACC-10",)),
    ("За сохранность своего логина и пароля отвечает их владелец. Не записывайте пароль там, где его прочтут другие, и не "
     "сохраняйте его на общем компьютере.", ("SEC-08",)),
    ("Журнал хранит не пароль, а только его отпечаток: узнать ваш пароль не может никто, и администратор тоже. Забытый пароль "
     "заменяют новым.", ()),
    ("Пароль сотрудника действует не дольше срока, установленного школой; потом журнал попросит новый.", ("SEC-07",)),
    ("Уходя от компьютера, закройте экран или выйдите из журнала. Экран сотрудника без работы закрывается сам. На чужом устройстве "
     "поставьте при входе отметку «Чужое устройство».", ("ACC-10",)),
    ("Где открыта ваша учётная запись, видно на странице «Где выполнен вход». Незнакомый вход завершите и смените пароль.", ("SEC-09",)),
    ("Если пароль мог узнать кто-то другой или в журнале есть не ваши записи, сразу нажмите «Сообщить о нарушении»: это можно "
     "сделать и без входа.", ("SEC-11", "SEC-12")),
    ("Записи, сделанные под вашим именем другим человеком после сообщения о нарушении, признаются недействительными.", ("SEC-13",)),
    ("Журнал не хранит ключей электронной подписи и сам ничего ими не подписывает. Ключ, выданный вам школой, держите у себя и "
     "никому не передавайте.", ("SEC-10",)),
    ("Сведения об учениках и семьях нужны только для учёбы. Не пересылайте и не публикуйте их и не показывайте экран "
     "посторонним.", ("LEG-10", "SEC-16")),
    ("Родитель и ученик видят в журнале только свои сведения и чужих не ищут.", ("ACC-02",)),
    ("Кто, когда и с какого устройства вошёл и что записал, журнал помнит.", ()),
)
_SCHOOL = {"pupils": "Ученики", "teacher": "учителя или классного руководителя"}
_COLLEGE = {"pupils": "Обучающиеся", "teacher": "преподавателя, мастера или куратора"}


def ready_text(rules: Rules) -> str:
    """The text the journal proposes: a line a rule, with the numbers of the clauses of the school's own document behind it. A rule that
    none of its values asks for (the age of passwords) is left out."""
    clauses = clauses_of(rules)
    words = _COLLEGE if rules.value("org.type") == "college" else _SCHOOL
    lines = []
    for said, ids in _SAID:
        if ids == ("SEC-07",) and rules["auth.password_max_age"].severity == "off":
            continue
        named = [clause.number for clause in clauses if set(ids) & set(clause.ids)]
        lines.append(f"{len(lines) + 1}. {said.format(**words)}" + (f" ({', '.join(named)})" if named else ""))
    head = f"В скобках — пункты документа, по которому школа ведёт журнал: «{rules.title}»." if clauses else ""
    return "\n\n".join(filter(None, (head, *lines)))


def lay(by: Actor, rules: Rules) -> m.ConfidentialityRules:
    """The text in force; the first one is the ready text. Inside `writing`."""
    return m.ConfidentialityRules.in_force() or m.ConfidentialityRules.create(number=1, text=ready_text(rules), made_at=by.at)


class Waiting(NamedTuple):
    """An account whose owner has not accepted the rules in force; `kind`: staff, parent, pupil; the class of the pupil or of a child."""

    account: m.Account
    kind: str
    school_class: str


def waiting(rules: m.ConfidentialityRules | None, today: date) -> list[Waiting]:
    """Of accounts that open, by the alphabet; none where there are no rules. One statement."""
    if rules is None:
        return []
    named, child = m.SchoolClass.alias(), m.Enrolment.alias()
    pupil = m.Enrolment.select(fn.MAX(named.name)).join(named, on=(m.Enrolment.school_class == named.id)).join_from(
        m.Enrolment, m.Pupil).where((m.Pupil.person == m.Person.id) & m.Enrolment.covers(today))
    parent = m.Guardianship.on(today).select(fn.MAX(named.name)).join(child, on=(child.pupil == m.Guardianship.pupil)).join(
        named, on=(child.school_class == named.id)).where((m.Guardianship.guardian == m.Person.id) & (child.starts <= today) & (
            child.ends.is_null() | (child.ends >= today)))
    staff = m.Employee.select(fn.COUNT(m.Employee.id)).where((m.Employee.person == m.Person.id) & (
        m.Employee.left.is_null() | (m.Employee.left >= today)))
    rows = m.RulesAcceptance.missing(rules).select_extend(staff.alias("staff"), pupil.alias("pupil"), parent.alias("parent"))
    return [Waiting(row, *_kind(row)) for row in rows.order_by(m.Person.sort)]


def _kind(row) -> tuple[str, str]:
    if row.staff or not (row.pupil or row.parent):
        return "staff", ""
    return ("pupil", row.pupil) if row.pupil else ("parent", row.parent)
