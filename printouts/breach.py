"""The papers of a breach of confidentiality: the notification F-30a and the act that fixes it F-30b (SEC-11 … SEC-14)."""

import clock
import models as m
import rulebook.breach_due as due
from printouts.document import Column, Document, Heading, Imprint, Paragraph, Signatures, Table

KINDS = {"passed": "логин или пароль стал известен другому лицу", "lost": "утрата носителя (листок, устройство)",
         "foreign": "вход или записи под чужим именем", "leak": "утечка данных", "other": "иное"}
WHOM = {"head": "Руководитель", "support": "Служба технической поддержки", "incident": "Роскомнадзор: об инциденте",
        "inquiry": "Роскомнадзор: о результатах расследования"}
WHAT = {"mark": "отметка", "absence": "посещаемость", "remark": "комментарий", "homework": "домашнее задание",
        "attachment": "файл задания", "topic": "тема урока", "attendance": "отметка «кто на уроке»", "work": "колонка работы",
        "period_mark": "отметка за период", "other": "прочее"}
STANDING = {"suspended": "приостановлено", "invalid": "недействительно", "returned": "действительно (акт отклонён)", "": ""}
DECIDED = {"kept": "действительна", "wrong": "неверна, исправляется", "back": "возвращена к прежнему", "": "не рассмотрена"}


def notification(case: m.Breach, imprint: Imprint) -> Document:
    """F-30a: who, role, account, discovered, circumstances, data, actions, and when each addressee learned of it."""
    pairs = [("Сообщил(а)", ", ".join(filter(None, (case.reporter, case.role, case.contact)))), ("Принято", _at(case.reported_at)),
             ("Учётная запись", _account(case)), ("Обнаружено", _at(case.discovered_at)), ("Обстоятельства", KINDS[case.kind]),
             ("Описание", case.story), ("Какие данные", case.data),
             ("Персональные данные", "утекли" if case.personal else ""), ("Принятые меры", case.measures)]
    return Document(f"Уведомление о нарушении конфиденциальности № {case.id}", "F-30a", f"uvedomlenie-{case.id}", imprint,
                    [_pairs(pairs, "Сведения"), Heading("Кому и когда сообщено"), _told(case, imprint),
                     Signatures([("Сообщил(а)", ""), ("Принял(а)", "")])], meta=[m.School.the().name])


def act(case: m.Breach, imprint: Imprint) -> Document | None:
    """F-30b with its lists of operations; None before it is drawn up."""
    facts = due.known(case)
    row = facts.act
    if row is None:
        return None
    standing = STANDING[due.standing(case, facts)]
    operations = list(m.BreachOperation.of_case(case))
    after, before = ([each for each in operations if each.phase == phase] for phase in ("after", "before"))
    blocks = [_pairs(_facts(case, row, facts), "Сведения"), Heading("Кому и когда сообщено"), _told(case, imprint),
              Heading("Установлено"), Paragraph(row.findings or case.story),
              Heading("Операции после уведомления"), _list(after, "Операции после уведомления", standing),
              Heading("Операции до уведомления, рассмотренные комиссией"), _list(before, "Операции до уведомления", ""),
              Heading("Меры"), Paragraph(row.measures or "Учётная запись закрыта, реквизиты доступа заменены."),
              Signatures([("Председатель комиссии", row.chair), *(("Член комиссии", name) for name in row.members.split("\n"))]),
              Paragraph("С актом ознакомлен(а) владелец учётной записи:"),
              Signatures([("", case.account.person.short_name if case.account else "")])]
    return Document(f"Акт о фиксации нарушения конфиденциальности № {row.number}", "F-30b", f"akt-narushenie-{case.id}", imprint, blocks,
                    meta=[m.School.the().name, ", ".join(filter(None, (row.place, f"{row.day:%d.%m.%Y}"))), _approval(row, case)],
                    landscape=True)


def _facts(case: m.Breach, row: m.BreachAct, facts: due.Known) -> list[tuple[str, str]]:
    began, notice = case.began_at, due.notice_time(facts)
    return [("Основание", _ground(case, facts)), ("Приказ о комиссии", row.order_no or "—"), ("Учётная запись и владелец", _account(case)),
            ("Время нарушения", f"{_at(began)} ({'известно' if case.began_known else 'предположительно'})" if began else "не установлено"),
            ("Время обнаружения", _at(case.discovered_at)), ("Момент уведомления (позднее из двух)", _at(notice) if notice else "—"),
            ("Доступ восстановлен", _at(case.restored_at) if case.restored_at else "—")]


def _ground(case: m.Breach, facts: due.Known) -> str:
    """The school's regulation with its order, and the clauses the act rests on."""
    version, rules = m.RegulationVersion.get_or_none(case.regulation), facts.rules
    clauses = {rules[key].clause for key in ("breach.notify_limit", "breach.invalidate", "breach.act_required")} - {""}
    regulation = version and version.regulation
    return ", ".join(filter(None, (regulation.name if regulation else rules.title,
                                   regulation and regulation.order_no and f"приказ № {regulation.order_no}",
                                   clauses and f"п. {', '.join(sorted(clauses))}")))


def _told(case: m.Breach, imprint: Imprint) -> Table:
    """When each addressee learned of it, against the limit."""
    rows = []
    for timer in due.timers(case, due.known(case), imprint.at):
        told = timer.notice
        kept = "" if told is None else "позже срока" if timer.late else "в срок"
        rows.append([WHOM[timer.whom], _at(told.told_at) if told else "", told.paper if told else "",
                     _at(timer.limit) if timer.limit else "", timer.clause, kept])
    return Table([Column(60, head=True), Column(32), Column(30), Column(32), Column(30), Column(26)],
                 [["Кому", "Узнал(а)", "Номер письма", "Срок до", "Пункт", "Соблюдение"]], rows, name="Уведомления")


def _list(operations, name: str, standing: str) -> Table:
    rows = [[number, _at(row.at), f"{row.subject}: {WHAT[row.what]}", row.old or "—", row.new or "удалено", _decision(row, standing),
             (row.restored or "пусто") if row.state == "undone" and standing != STANDING["returned"] else ""]
            for number, row in enumerate(operations, 1)]
    return Table([Column(8, "center"), Column(34), Column(80, head=True), Column(32), Column(32), Column(42), Column(28)],
                 [["№", "Время", "Объект", "Было", "Записано", "Решение", "Восстановлено"]], rows, name=name, empty="Операций нет.")


def _decision(row: m.BreachOperation, standing: str) -> str:
    if row.state == "undone":
        return standing
    if row.state == "stands":
        return "позже изменено другим лицом, действует его запись"
    decided = row.decided_at and f", {row.decided_by.short_name if row.decided_by else ''} {_at(row.decided_at)}".rstrip()
    return DECIDED[row.decision] + (decided or "")


def _approval(row: m.BreachAct, case: m.Breach) -> str:
    if case.declined_at:
        return f"Отклонён {_at(case.declined_at)}: {case.decline_reason}"
    if not row.approved_at:
        return "Проект: не утверждён, операции приостановлены"
    return f"Утверждён {_at(row.approved_at)}" + (f", {row.approved_by.short_name}" if row.approved_by else "")


def _pairs(pairs, name: str) -> Table:
    return Table([Column(60, head=True), Column(120)], [["Показатель", "Сведения"]], [[title, value] for title, value in pairs if value],
                 name=name)


def _account(case: m.Breach) -> str:
    if not case.account_id:
        return case.said_account or "не указана"
    return f"{case.account.login}, {case.account.person.full_name}"


def _at(moment) -> str:
    return f"{moment.astimezone(clock.zone()):%d.%m.%Y %H:%M:%S}".removesuffix(":00")
