"""Administrative screens of people: pupils, families, staff, roles, accounts, movement."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_
from peewee import fn

import models as m
import policies
import rulebook.list_requests
import rulebook.rules
from rulebook.access_order import needs_order
from views import visitor
from views.admin_words import name_of
from views.admin_doors import Door, Verb
from views.base import Screen
from views.listing import ByFew, Narrowing

INTAKE = Door(N_("Take in from Excel"), "intake.start", ("ADM",))
PERSON = ("person__surname", "person__name", "person__patronymic", "person__birth", "person__sex", "person__phone",
          "person__email", "person__address")


class OfPerson(Screen):
    """A card of a person (pupil, employee): its form writes the person too; a new card takes somebody known or somebody new."""

    @property
    def create_columns(self):
        return ("person", *self.form_columns)

    def create_form(self, obj=None):
        form = super().create_form(obj)
        form["person"].needed = form["person__surname"].needed = False
        return form

    def blank(self):
        return self.model(person=m.Person())

    def fill(self, form, record):
        known = form["person"].data if "person" in form else None
        written = {field.name.removeprefix("person__"): field.data for field in form if field.name.startswith("person__")}
        for field in form:
            if field.name != "person" and not field.name.startswith("person__"):
                setattr(record, field.name, field.data)
        if known is None:
            self._take(record.person, written, new="person" in form)
        elif written["surname"]:
            raise m.Refused(m.Text(m.N_("Choose somebody known or write somebody new, not both")), "person")
        else:
            record.person = known

    def _take(self, person, written: dict, new: bool) -> None:
        if not written["surname"]:
            raise m.Refused(m.Text(m.N_("Write the surname")), "person__surname")
        for name, value in written.items():
            setattr(person, name, value)
        if new:
            refuse_namesake(person)
        person.save()

    def write(self, form, record, created):
        record.person = record.person
        super().write(form, record, created)


def refuse_namesake(person) -> None:
    """A person is in the database once (ACC-01): the same name needs another date of birth."""
    key = m.name_keys(person.surname, person.name, person.patronymic)["search"]
    for other in m.Person.select().where((m.Person.search == key) & (m.Person.id != (person.id or 0))):
        if person.birth is None or other.birth in (None, person.birth):
            raise m.Refused(m.Text(m.N_("%(name)s is in the list of people already. Choose them there, or give a date of birth "
                                        "that differs"), name=other.full_name), "person__surname")


class PersonScreen(Screen):
    table = m.Person
    rule = "rights.card_editor"
    column_list = ("surname", "name", "patronymic", "birth", "phone", "email")
    form_columns = ("surname", "name", "patronymic", "birth", "sex", "phone", "email", "address")
    details_more = ("sex", "address")
    default_order = "surname"
    search_paths = ("search", "phone", "email")
    related = ((m.Pupil, "person"), (m.Employee, "person"), (m.Guardianship, "guardian"), (m.Appointment, "person"),
               (m.Account, "person"), (m.Assignment, "teacher"))

    def check(self, record):
        if record.id is None:
            refuse_namesake(record)


class PupilScreen(OfPerson):
    table = m.Pupil
    rule = "rights.contingent_editor"
    doors = (INTAKE,)
    column_list = ("person.surname", "person.name", "person.patronymic", "own_class", "person.birth", "file_no", "note")
    details_more = ("person.sex", "person.phone", "person.email", "person.address", "pe_group", "pe_from", "pe_until", "pe_paper",
                    "consent")
    form_columns = (*PERSON, "file_no", "pe_group", "pe_from", "pe_until", "pe_paper", "consent", "note")
    default_order = "person.surname"
    search_paths = ("person.search", "file_no", "note")
    related = ((m.Enrolment, "pupil"), (m.Movement, "pupil"), (m.Guardianship, "pupil"), (m.UnitMember, "pupil"),
               (m.Mark, "pupil"), (m.Absence, "pupil"), (m.PeriodMark, "pupil"), (m.Remark, "pupil"))

    def get_filters(self):
        return [ByFew("class", N_("Class"), lambda value: m.Pupil.id.in_(_listed().where(m.Enrolment.school_class == value)),
                      m.SchoolClass),
                Narrowing("status", N_("Status"), _is_listed, (("in", N_("studies")), ("left", N_("left or not enrolled")))),
                *super().get_filters()]

    filter_columns = ("person", "pe_group")

    def extended(self, query):
        return query.select_extend(_class_now(m.Pupil.id).alias("own_class"))

    def col_own_class(self, row):
        if not hasattr(row, "own_class"):
            row.own_class = m.Pupil.select(_class_now(m.Pupil.id)).where(m.Pupil.id == row.id).scalar()
        return row.own_class

    def looked(self, record):
        visitor.looked("admin_pupil", pupil=record.id)

    def request_address(self, record) -> str | None:
        """Where a class teacher who may not correct lists or cards says what is wrong with a pupil of the own class (CNT-12)."""
        user = visitor.user()
        asks = any(rulebook.list_requests.asks(user.rules, key) for key in rulebook.list_requests.KEYS)
        own = asks and user.classes and policies.allows(user, "diary", record)
        return url_for("list_requests.new", pupil=record.id) if own else None

    def check(self, record):
        taken = record.file_no and m.Pupil.select().where((m.Pupil.file_no == record.file_no) & (m.Pupil.id != (record.id or 0))).first()
        if taken:
            raise m.Refused(m.Text(m.N_("The file No. %(no)s belongs to %(name)s"), no=record.file_no, name=name_of(taken)), "file_no")
        if record.pe_from and record.pe_until and record.pe_until < record.pe_from:
            raise m.Refused(m.Text(m.N_("The end comes before the beginning")), "pe_until")
        if record.pe_group == "released" and not record.pe_until:
            raise m.Refused(m.Text(m.N_("Write until when the certificate releases from exercises")), "pe_until")
        if record.pe_group == "released" and (record.pe_until - (record.pe_from or visitor.user().today)).days > 366:
            raise m.Refused(m.Text(m.N_("A certificate releases from exercises for a year at most")), "pe_until")

    def advice(self):
        return _("Take in the secretary's files as they are: columns and heading are found by meaning, and nothing is written "
                 "before you have seen what it will be.")


def _listed():
    """Ids of pupils in a class's list today."""
    return m.Enrolment.on(visitor.user().today).select(m.Enrolment.pupil)


def _is_listed(status: str):
    return m.Pupil.id.in_(_listed()) if status == "in" else m.Pupil.id.not_in(_listed())


def _class_now(pupil):
    """The name of the class a pupil is in today, as a scalar query."""
    listed, own = m.Enrolment.alias(), m.SchoolClass.alias()
    today = visitor.user().today
    return listed.select(fn.MAX(own.name)).join(own, on=(listed.school_class == own.id)).where(
        (listed.pupil == pupil) & (listed.starts <= today) & (listed.ends.is_null() | (listed.ends >= today)))


class EmployeeScreen(OfPerson):
    table = m.Employee
    doors = (INTAKE,)
    column_list = ("person.surname", "person.name", "person.patronymic", "position", "subjects", "person.phone", "left")
    details_more = ("person.birth", "person.email", "hired")
    form_columns = (*PERSON, "position", "subjects", "hired", "left")
    default_order = "person.surname"
    search_paths = ("person.search", "position", "subjects")
    filter_columns = ("person",)

    def beside(self, record):
        """Roles, load and account hang on the person."""
        screens = ((m.Appointment, "person"), (m.Assignment, "teacher"), (m.Account, "person"), (m.Guardianship, "guardian"))
        return super().beside(record) | {"lists": self.hanging_lists(screens, record.person)}


class GuardianshipScreen(Screen):
    table = m.Guardianship
    rule = "rights.card_editor"
    column_list = ("guardian", "pupil", "relation", "guardian.phone", "starts", "ends")
    form_columns = ("pupil", "guardian", "relation", "starts", "ends")
    default_order = "guardian"
    search_paths = ("guardian.search", "pupil.person.search")
    filter_columns = ("guardian", "pupil")

    def check(self, record):
        super().check(record)
        if record.guardian_id == record.pupil.person_id:
            raise m.Refused(m.Text(m.N_("Nobody is their own guardian")), "guardian")


class AppointmentScreen(Screen):
    table = m.Appointment
    column_list = ("person", "role", "school_class", "starts", "ends", "order_no", "order_date")
    form_columns = ("person", "role", "school_class", "starts", "ends", "order_no", "order_date")
    default_order = "person"
    search_paths = ("person.search", "order_no")
    filter_columns = ("role", "school_class", "person", Narrowing(
        "order", N_("Order of appointment"), lambda value: (m.Appointment.order_no != "") == (value == "yes"),
        (("yes", N_("by order")), ("no", N_("without an order")))))

    def check(self, record):
        """LEG-13: by D1 (4.2.2, 8.6) the administrator is appointed by order, elsewhere listed as without one; a class teacher has a
        class."""
        super().check(record)
        if (record.role == "CT") != bool(record.school_class):
            raise m.Refused(m.Text(m.N_("A class teacher, and nobody else, is appointed for a class")), "school_class")
        clause = needs_order(rulebook.rules.rules_on(record.starts), record.role)
        if clause and not (record.order_no and record.order_date):
            wants = m.Text(m.N_("By the school's regulation (clauses %(clause)s) the administrator is appointed by order. Give the "
                                "number and the date of the order"), clause=clause)
            raise m.Refused(wants, "order_date" if record.order_no else "order_no")

    def col_order_no(self, row):
        return row.order_no or _("without an order")

    def write(self, form, record, created):
        super().write(form, record, created)
        self._keep_an_administrator(record)

    def remove(self, record):
        super().remove(record)
        self._keep_an_administrator(record)

    def _keep_an_administrator(self, record) -> None:
        if not m.Appointment.on(visitor.user().today).where(m.Appointment.role == "ADM").exists():
            raise m.Refused(m.Text(m.N_("The school would have no administrator. Appoint another one first")), "ends")


class AccountScreen(Screen):
    table = m.Account
    doors = (Door(N_("Hand out ways in…"), "access.index", ("ADM", "CT")),)
    column_list = ("login", "person", "password_state", "locked", "rules_state")
    details_more = ("password_at", "must_change", "language")
    form_columns = ("person", "login", "locked", "language")
    default_order = "login"
    search_paths = ("login", "person.search")
    filter_columns = ("person", "must_change")
    verbs = (Verb(N_("Give a way in"), lambda account: policies.allows(visitor.user(), "reset", account),
                  N_("A one-time password or an invitation code, as the regulation says."),
                  address=lambda account: url_for("access.slip", number=account.person_id)),)

    def extended(self, query):
        return query.select_extend(_rules_state().alias("rules_state"))

    def col_rules_state(self, row):
        """When the rules of confidentiality in force were accepted (SEC-08)."""
        if not hasattr(row, "rules_state"):
            row.rules_state = m.Account.select(_rules_state()).where(m.Account.id == row.id).scalar()
        return row.rules_state

    def col_password_state(self, row):
        if row.locked:
            return _("closed")
        if not row.password:
            return _("waits for its code")
        return _("one-time") if row.must_change else _("own")

    def fill(self, form, record):
        super().fill(form, record)
        record.login = record.login.strip().lower()

    def check(self, record):
        if len(record.login) < 3 or not record.login.isprintable() or " " in record.login:
            raise m.Refused(m.Text(m.N_("A login has at least 3 letters and no spaces")), "login")
        if record.locked and record.id == visitor.user().account:
            raise m.Refused(m.Text(m.N_("This is your own account: somebody else has to close it")), "locked")
        held = m.Breach.holding(record.id).first() if record.id and not record.locked else None
        if held:
            raise m.Refused(m.Text(m.N_("Closed by report No. %(n)s of a breach of confidentiality: it opens with new credentials, which "
                                        "are issued under «Breaches» or «Access»."), n=held.id), "locked")


def _rules_state():
    """The moment at which an account accepted the newest rules, as a scalar query."""
    newest = m.ConfidentialityRules.select(fn.MAX(m.ConfidentialityRules.id))
    return m.RulesAcceptance.select(m.RulesAcceptance.at).where(
        (m.RulesAcceptance.account == m.Account.id) & (m.RulesAcceptance.rules == newest))


class MovementScreen(Screen):
    table = m.Movement
    rule = "rights.contingent_editor"
    column_list = ("pupil", "kind", "day", "from_class", "to_class", "place", "order_no", "order_date", "note")
    form_columns = ("pupil", "kind", "day", "to_class", "place", "order_no", "order_date", "note")
    default_order, descending = "day", True
    search_paths = ("pupil.person.search", "order_no", "place")
    filter_columns = ("kind", "day", "pupil")

    def write(self, form, record, created):
        """Each kind is a verb of the pupil, which writes the paper and the dated lists (CNT-03, reports.md 3.10)."""
        by, pupil, day, to_class = visitor.actor(), record.pupil, record.day, record.to_class
        paper = {name: getattr(record, name) for name in ("place", "order_no", "order_date", "note")}
        leaves = record.kind in ("departure", "graduation")
        if not leaves and to_class is None:
            raise m.Refused(m.Text(m.N_("Choose the class the pupil comes to")), "to_class")
        if leaves and to_class is not None:
            raise m.Refused(m.Text(m.N_("Who leaves the school comes to no class")), "to_class")
        if leaves:
            pupil.depart(by, day, record.kind, **paper)
        elif record.kind == "transfer":
            pupil.transfer(by, to_class, day, **paper)
        elif record.kind in ("arrival", "start"):
            pupil.enrol(by, to_class, day, record.kind, **paper)
        else:
            pupil.promote(by, to_class, day, record.kind, **paper)
        return m.Movement.select().where(m.Movement.pupil == pupil).order_by(m.Movement.id.desc()).get()


class EnrolmentScreen(Screen):
    table = m.Enrolment
    column_list = ("pupil", "school_class", "starts", "ends", "form")
    default_order = "pupil"
    search_paths = ("pupil.person.search", "school_class.name")
    filter_columns = ("school_class", "form", "pupil")

    def advice(self):
        return _("A pupil comes to a class by a movement: «Movement», «Add».")


SCREENS = (PersonScreen, PupilScreen, EmployeeScreen, GuardianshipScreen, AppointmentScreen, AccountScreen, MovementScreen,
           EnrolmentScreen)
