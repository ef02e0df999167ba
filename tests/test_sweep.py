"""Every address × every role × own, foreign, missing and malformed records; the screens of /admin/ have a sweep of their own.

What each account may open is worked out here from the school's tables in plain SQL, not by the gate that is tested.
A new address must be named here, or the sweep fails.
"""

import re
from types import SimpleNamespace

import pytest

import clock
import models as m
import policies

TOKEN = re.compile(r'(name="csrf-token" content|name="csrf_token" value|name="now" content)="[^"]+"|[^"]*/language[^"]*')

ACCOUNTS = ("admin", "director", "deputy", "secretary", "classteacher", "teacher", "substitute", "parent", "parent2", "pupil",
            "pupil2")
READERS = ("admin", "director", "deputy", "secretary")
STAFF = (*READERS, "classteacher", "teacher", "substitute")
FAMILY = ("parent", "parent2", "pupil", "pupil2")
EVERYBODY = (*STAFF, *FAMILY)
TEACHERS = tuple(login for login in STAFF if login != "secretary")  # everybody else of the demo teaches something
MISSING, MALFORMED = 2**30, ("abc", "-1", "99999999999999999999", "²")

OPEN = {"static", "security.login", "join.join", "profile.health", "setup.start", "language.switch", "offline.worker", "offline.page", "lock.reopen",
        "breach.report", "breach.sent", "papers.index", "papers.guide", "papers.page", "papers.file"}

# Addresses of no particular record → accounts that may open them.
PLAIN = {
    "offline.state": EVERYBODY, "profile.home": EVERYBODY, "profile.page": EVERYBODY, "security.password": EVERYBODY, "sign_ins.own": EVERYBODY,
    "confidentiality.page": EVERYBODY, "confidentiality.edit": ("admin",), "confidentiality.people": ("admin", "director"),
    "sign_ins.shared": ("admin",),
    "plans.index": STAFF, "plans.new": TEACHERS, "plan_files.take_in": TEACHERS, "plan_course.progress": READERS,
    "plan_course.calendar": STAFF,
    "compliance.index": TEACHERS,
    "duties.own": STAFF, "duties.classes": (*READERS, "classteacher", "substitute"), "duties.analysis": STAFF, "duties.training": STAFF,
    "notices.index": STAFF, "remarks.index": STAFF, "remarks.new": ("director", "deputy"), "upkeep.school": READERS,
    "upkeep.week": ("director", "deputy"),
    "activity.index": ("admin", "director", "deputy", "classteacher", "substitute"), "alerts.index": STAFF,
    **dict.fromkeys(("activity.reports", "backups.index"), ("admin", "director", "deputy")),
    "today.index": EVERYBODY, "journal.index": STAFF, "results.index": STAFF, "corrections.index": STAFF, "deferrals.index": STAFF, "works.debts": STAFF, "diary.own": EVERYBODY, "documents.index": STAFF,
    "access.index": ("admin", "classteacher", "substitute"), "access.staff": ("admin",), "control.periods": ("director", "deputy"), "substitution.day": ("admin", "deputy"),
    "breach.index": ("admin", "director", "deputy"), "regulation.rules": ("admin", "director", "deputy"), "regulation_versions.choice": ("admin", "director"),
    **dict.fromkeys(("regulation_versions.versions", "regulation_versions.draft", "regulation_versions.readings"), ("admin", "director", "deputy")),
    "talk.index": EVERYBODY, "talk.new": EVERYBODY, "announcements.index": EVERYBODY, "announcements.new": STAFF,
    "tickets.index": EVERYBODY, "tickets.new": EVERYBODY, "resources.index": EVERYBODY,
    **dict.fromkeys(("tickets.desk", "running.index", "running.diagnostics", "papers.new"), ("admin", "director", "deputy")),
    "quarantine.index": STAFF, "portfolio.index": STAFF, "portfolio.new": STAFF,
    "list_requests.index": STAFF, "list_requests.new": ("classteacher", "substitute"),
    "scales.new": ("admin",), "setup.checklist": ("admin", "director", "deputy"), "intake.start": ("admin",),
}

TAUGHT = """SELECT a.course_id FROM assignment a JOIN account c ON c.person_id = a.teacher_id WHERE c.login = ?"""
LENT = """SELECT {0} FROM substitution s JOIN lesson l ON l.id = s.lesson_id JOIN account c ON c.person_id = s.substitute_id
          WHERE c.login = ?"""
OWN_CLASS = """SELECT p.school_class_id FROM appointment p JOIN account c ON c.person_id = p.person_id
               WHERE c.login = ? AND p.role = 'CT'"""
OWN_UNITS = f"SELECT id FROM unit WHERE school_class_id IN ({OWN_CLASS})"
COURSES = f"""SELECT id FROM course WHERE id IN ({TAUGHT}) OR id IN ({LENT.format("l.course_id")}) OR unit_id IN ({OWN_UNITS})"""
LESSONS = f"""SELECT id FROM lesson WHERE course_id IN ({TAUGHT}) OR id IN ({LENT.format("l.id")})
              OR course_id IN (SELECT id FROM course WHERE unit_id IN ({OWN_UNITS}))"""
OWN_PUPILS = """SELECT g.pupil_id FROM guardianship g JOIN account c ON c.person_id = g.guardian_id WHERE c.login = ?
                UNION SELECT p.id FROM pupil p JOIN account c ON c.person_id = p.person_id WHERE c.login = ?"""
DIARIES = f"{OWN_PUPILS} UNION SELECT pupil_id FROM enrolment WHERE ends IS NULL AND school_class_id IN ({OWN_CLASS})"
FAMILY_LESSONS = f"""SELECT l.id FROM lesson l JOIN course r ON r.id = l.course_id JOIN membership v ON v.unit_id = r.unit_id
                     WHERE v.pupil_id IN ({OWN_PUPILS}) AND v.starts <= l.day AND (v.ends IS NULL OR v.ends >= l.day)"""


def ids(sql, login) -> set[int]:
    sql = sql.replace("?", m.db.param)
    return {row[0] for row in m.db.execute_sql(sql, [login] * sql.count(m.db.param)).fetchall()}


def everything(model) -> set[int]:
    return {row[0] for row in model.select(model.id).tuples()}


def courses(login) -> set[int]:
    return everything(m.Course) if login in READERS else ids(COURSES, login) if login in STAFF else set()


def result_journals(login) -> set[int]:
    """Whose period marks: taught ones and those of the own class; a lesson given in somebody's place opens no more than itself."""
    own = f"SELECT id FROM course WHERE id IN ({TAUGHT}) OR unit_id IN ({OWN_UNITS})"
    return everything(m.Course) if login in READERS else ids(own, login) if login in STAFF else set()


def lessons(login) -> set[int]:
    return everything(m.Lesson) if login in READERS else ids(LESSONS, login) if login in STAFF else set()


def plans(login) -> set[int]:
    """Shared ones, own ones, and those of courses one looks into."""
    seen = f"""SELECT id FROM plan WHERE shared OR author_id = (SELECT person_id FROM account WHERE login = ?)
               OR id IN (SELECT plan_id FROM course WHERE id IN ({COURSES}))"""
    return everything(m.Plan) if login in READERS else ids(seen, login) if login in STAFF else set()


def pupils(login) -> set[int]:
    """Whose diary: the own family's, the own class's, and for the administration everybody's. A subject teacher has the grid."""
    return everything(m.Pupil) if login in READERS else ids(DIARIES, login)


def led_classes(login) -> set[int]:
    return everything(m.SchoolClass) if login == "admin" else ids(OWN_CLASS, login)


def classes_with_results(login) -> set[int]:
    return everything(m.SchoolClass) if login in READERS else ids(OWN_CLASS, login) if login in STAFF else set()


def led_closures(login) -> set[int]:
    return everything(m.PeriodClosure) if login in ("director", "deputy") else set()


def led_periods(login) -> set[int]:
    return everything(m.Period) if login in ("director", "deputy") else set()


def taught_periods(login) -> set[int]:
    """The own list of a period is whoever's who teaches."""
    return everything(m.Period) if ids(TAUGHT, login) else set()


def talks(login) -> set[int]:
    """Conversations one takes part in, whatever the office."""
    me = "(SELECT person_id FROM account WHERE login = ?)"
    return ids(f"""SELECT c.id FROM conversation c WHERE c.author_id = {me} OR EXISTS (SELECT 1 FROM message w JOIN receipt r
                   ON r.message_id = w.id WHERE w.conversation_id = c.id AND r.person_id = {me})""", login)


def announced(login) -> set[int]:
    """What stands for the whole school (the demo's announcements do) for somebody of this kind."""
    whom = ["staff"] * (login in STAFF) + ["pupils"] * login.startswith("pupil")
    parents = ids("SELECT 1 FROM guardianship g JOIN account c ON c.person_id = g.guardian_id WHERE c.login = ?", login)
    return everything(m.Announcement) if login in READERS else {row.id for row in m.Announcement.select().where(
        m.Announcement.whom.in_([*whom, *["parents"] * bool(parents)]))}


def corrections(login) -> set[int]:
    own = "SELECT id FROM correction WHERE asked_by_id = (SELECT person_id FROM account WHERE login = ?)"
    return everything(m.Correction) if login in READERS else ids(own, login)


def tickets(login) -> set[int]:
    own = "SELECT id FROM ticket WHERE asked_by_id = (SELECT person_id FROM account WHERE login = ?)"
    return everything(m.Ticket) if login in ("admin", "director", "deputy") else ids(own, login)


def watched_classes(login) -> set[int]:
    """Whose families' use may be looked at by name."""
    return everything(m.SchoolClass) if login in ("admin", "director", "deputy") else ids(OWN_CLASS, login)


# Addresses of a record → its table, and the ids an account may open.
RECORDS = {
    "journal.page": (m.Course, courses), "journal.changes": (m.Course, courses),
    "control.signature": (m.PeriodClosure, led_closures), "control.reopen": (m.PeriodClosure, led_closures),
    "control.listed": (m.Period, led_periods), "control.own": (m.Period, taught_periods),
    "talk.page": (m.Conversation, talks), "announcements.page": (m.Announcement, announced),
    "tickets.page": (m.Ticket, tickets), "papers.edit": (m.Paper, lambda login: everything(m.Paper) if login in ("admin", "director", "deputy") else set()),
    "corrections.page": (m.Correction, corrections), "results.page": (m.Course, result_journals), "results.of_class": (m.SchoolClass, classes_with_results),
    "plans.page": (m.Plan, plans), "plan_files.export": (m.Plan, plans),
    "scales.page": (m.MarkScale, lambda login: everything(m.MarkScale) if login == "admin" else set()),
    "plan_course.page": (m.Course, courses), "plan_files.export_course": (m.Course, courses),
    "lesson.page": (m.Lesson, lessons),
    "diary.week": (m.Pupil, pupils), "diary.marks": (m.Pupil, pupils), "diary.results": (m.Pupil, pupils),
    "activity.of_class": (m.SchoolClass, watched_classes),
    "duties.of_class": (m.SchoolClass, classes_with_results), "diary.topics": (m.Pupil, pupils), "diary.about": (m.Pupil, pupils), "access.of_class": (m.SchoolClass, led_classes),
}


@pytest.fixture(scope="module")
def house(copies, tmp_path_factory):
    """The demo school with everybody signed in; the sweep only reads and is refused."""
    from tests.conftest import application, opened

    url = copies.demo()
    for _ in opened(url):
        app = application(url, tmp_path_factory.mktemp("sweep"))
        yield SimpleNamespace(app=app, clients={login: app.test_client().sign_in(login) for login in ACCOUNTS},
                              nobody=app.test_client())


def rules(house, method):
    return [rule for rule in house.app.url_map.iter_rules() if method in rule.methods and not str(rule).startswith("/admin/")]


def address(rule, value=1) -> str:
    return "/".join(str(value) if part.startswith("<") else part for part in str(rule).split("/"))


def test_every_address_is_swept(house):
    named = {rule.endpoint for rule in rules(house, "GET")}
    assert named - OPEN - set(PLAIN) - set(RECORDS) - OTHERS == set()


@pytest.mark.parametrize("login", ACCOUNTS)
def test_plain_addresses_open_for_their_roles_only(house, login):
    wrong = {}
    for rule in rules(house, "GET"):
        if rule.endpoint not in PLAIN:
            continue
        status = house.clients[login].get(str(rule)).status_code
        if (status in (200, 302)) != (login in PLAIN[rule.endpoint]) or status not in (200, 302, 403):
            wrong[rule.endpoint] = status
    assert wrong == {}


@pytest.mark.parametrize("login", ACCOUNTS)
def test_acc_02_acc_06_records_open_for_their_own_people_only(house, login):
    wrong = {}
    for rule in rules(house, "GET"):
        if rule.endpoint not in RECORDS:
            continue
        model, allowed = RECORDS[rule.endpoint]
        own = allowed(login)
        for key in sample(own) | sample(everything(model) - own) | {MISSING}:
            status = house.clients[login].get(address(rule, key)).status_code
            if status != (200 if key in own else 403):
                wrong[rule.endpoint, key] = status
    assert wrong == {}


def sample(numbers: set[int]) -> set[int]:
    """First, last and some between: the sweep has to end."""
    ordered = sorted(numbers)
    return set(ordered[:2] + ordered[len(ordered) // 2:][:1] + ordered[-1:])


@pytest.mark.parametrize("login", ACCOUNTS)
def test_a_foreign_record_and_a_missing_one_get_the_same_page(house, login):
    foreign = sorted(everything(m.Pupil) - pupils(login))
    if not foreign:
        return
    pages = [house.clients[login].get(f"/diary/{key}") for key in (foreign[0], MISSING)]
    assert {page.status_code for page in pages} == {403} and len({TOKEN.sub("", page.text) for page in pages}) == 1


@pytest.mark.parametrize("login", ACCOUNTS)
def test_malformed_keys_are_refused_without_an_error(house, login):
    wrong = {}
    for rule in rules(house, "GET"):
        if not rule.arguments or rule.endpoint in OPEN:
            continue
        for key in MALFORMED:
            status = house.clients[login].get(address(rule, key)).status_code
            if status not in (403, 404):
                wrong[rule.endpoint, key] = status
    assert wrong == {}


def test_a_stranger_is_sent_to_sign_in_from_everywhere(house):
    wrong = {}
    for method in ("GET", "POST"):
        for rule in rules(house, method):
            if rule.endpoint in OPEN:
                continue
            ask = house.nobody.get if method == "GET" else house.nobody.send
            answer = ask(address(rule))
            if not (answer.status_code in (302, 303) and "/login" in answer.location) and answer.status_code not in (401, 403):
                wrong[method, rule.endpoint] = answer.status_code
    assert wrong == {}


# Posts anybody may send about themselves.
OWN_POSTS = {"security.logout", "security.password", "sign_ins.end_others", "sign_ins.seen", "lock.shut", "lock.reopen",
             "confidentiality.accept", "language.switch", "security.login", "join.join",
             "talk.answer", "announcements.read", "setup.start", "breach.report", "tickets.ask"}


@pytest.mark.parametrize("login", ACCOUNTS)
def test_writing_to_a_foreign_or_missing_record_is_refused(house, login):
    wrong, before = {}, m.Act.select().count()
    for rule in rules(house, "POST"):
        if rule.endpoint in OWN_POSTS or not rule.arguments:
            continue
        status = house.clients[login].send(address(rule, MISSING)).status_code
        if status not in (403, 404):
            wrong[rule.endpoint] = status
    assert wrong == {}
    assert m.Act.select().count() == before


@pytest.mark.parametrize("login", FAMILY)
def test_a_family_writes_nothing_at_all(house, login):
    wrong, before = {}, m.Act.select().count()
    for rule in rules(house, "POST"):
        if rule.endpoint in OWN_POSTS:
            continue
        status = house.clients[login].send(address(rule, 1)).status_code
        if status not in (403, 404):
            wrong[rule.endpoint] = status
    assert wrong == {}
    assert m.Act.select().count() == before


@pytest.mark.parametrize("login", FAMILY)
def test_acc_02_a_family_reads_of_its_own_lessons_only(house, login):
    """Every mark, absence, remark and homework on any page of the own diary belongs to the own children's lessons."""
    assert {row[0] for row in visible(house, login, m.Lesson)} == ids(FAMILY_LESSONS, login)
    for model in (m.Mark, m.Absence, m.Remark, m.PeriodMark):
        own = {row[0] for row in model.select(model.id).where(model.pupil.in_(sorted(ids(OWN_PUPILS, login)))).tuples()}
        assert {row[0] for row in visible(house, login, model)} == own


def visible(house, login, model):
    account = m.Account.get(m.Account.login == login)
    user = policies.user_of(account.person_id, "", clock.today(), account.id)
    return policies.visible(user, model).select(model.id).tuples()


# Addresses whose parameter is no record: proved in the tests of their own page.
OTHERS = {"regulation.meaning", "activity.report", "corrections.new", "intake.look", "intake.progress", "intake.report", "journal.cell_history", "documents.show", "today.place", "remarks.page", "upkeep.work_file",
          "compliance.clause", "diary.file", "diary.material", "portfolio.page", "portfolio.file", "control.close", "control.hold", "control.of_teacher", "access.slip", "results.accept", "works.change", "breach.case", "breach.signed", "deferrals.new", "deferrals.change"}
