"""People of the files into the database: each human being once, pupils into class lists by their movement."""

import datetime
import re
from collections import defaultdict

import models as m
from models import N_, Text

from exchange.intake import values
from exchange.intake.ledger import Wanted

PE_GROUPS = (("preparatory", "подготов"), ("special_b", r"специальн\w*\s*(?:«?б|2)"), ("special_a", "специал"), ("main", "основ"))
ROLES = (("ZAV", r"зам\w*\.?\s*(?:директор|по у|по в)|завуч"), ("DIR", r"(?<!зам\. )(?<!заместитель )директор(?!а)"),
         ("SEC", "секретар|делопроизвод"), ("MAS", r"мастер производ"), ("T", "учитель|преподават|педагог-орг"))
FORMS = (("home", "на дому|надомн"), ("family", "семейн"), ("individual", r"\bиуп\b|индивидуальн\w* (?:учебн|план)"))


class People:
    """Matches people of the files with those that stand, and makes the missing ones in bulk."""

    def __init__(self, school, ledger, year, by):
        self.school, self.ledger, self.year, self.by = school, ledger, year, by
        self.persons = defaultdict(list)
        for person in m.Person.select():
            self.persons[person.search].append(person)
        self.classes = {row.name: row for row in m.SchoolClass.select().where(m.SchoolClass.year == year)}
        self.ids = {}

    def lay(self):
        """Writes everybody; returns {record as read: person id} and {pupil: pupil id}."""
        self._staff()
        pupils = self._pupils()
        self._guardians(pupils)
        return self.ids, pupils

    # staff

    def _staff(self):
        employed = {row.person_id for row in m.Employee.select(m.Employee.person)}
        self._persons(self.school.staff, lambda record: self._standing_staff(record, employed), _staff_person)
        self.ledger.sync(m.Employee, ("person",), [
            Wanted({"person": self.ids[record], "position": (record.position or "")[:200],
                    "subjects": (record.subjects or "")[:300]}, record.name, record.place) for record in self.school.staff])
        self._appointments()

    def _standing_staff(self, record, employed):
        same = self._named(record.name)
        working = [person for person in same if person.id in employed]
        return next((person for person in working if _shares(person, [record.phone], record.email)), None) \
            or (working[0] if len(working) == 1 else None) \
            or next((person for person in same if _shares(person, [record.phone], record.email)), None)

    def _appointments(self):
        teachers = {values.fold(row.teacher) for row in self.school.load}
        wanted = []
        for record in self.school.staff:
            roles = [role for role, stem in ROLES if re.search(stem, values.fold(record.position))]
            if values.fold(record.name) in teachers and "T" not in roles:
                roles.append("T")
            wanted.extend(self._appointment(record, role, None) for role in roles)
            wanted.extend(self._appointment(record, "CT", self.classes[name].id) for name in record.class_teacher_of)
        self.ledger.sync(m.Appointment, ("person", "role", "school_class"), wanted,
                         m.Appointment.ends.is_null() | (m.Appointment.ends >= self.by.at.date()), update=False)

    def _appointment(self, record, role, school_class):
        return Wanted({"person": self.ids[record], "role": role, "school_class": school_class, "starts": self.year.starts},
                      f"{record.name} — {role}", record.place)

    # pupils

    def _pupils(self):
        cards = {row.person_id: row for row in m.Pupil.select()}
        lists = defaultdict(list)
        for row in m.Enrolment.select().join(m.SchoolClass).where(m.SchoolClass.year == self.year).order_by(m.Enrolment.starts):
            lists[row.pupil_id].append(row)
        found = {record: self._standing_pupil(record, cards, lists) for record in self.school.pupils}
        self._persons(self.school.pupils, found.get, _pupil_person)
        pupils = self._cards(cards)
        fresh = [record for record in self.school.pupils if not lists.get(pupils[record])]
        self._enrol(fresh, pupils)
        for record in self.school.pupils:
            if lists.get(pupils[record]):
                self._reconcile(record, pupils[record], lists[pupils[record]])
        self._tell_missing(pupils, lists)
        return pupils

    def _standing_pupil(self, record, cards, lists):
        for person in self._named(record.name):
            card = cards.get(person.id)
            if card and (record.file_number and m.fold(card.file_no) == m.fold(record.file_number)
                         or record.birth and person.birth == record.birth
                         or not (record.birth and person.birth) and self._in_class(lists[card.id], record.class_name)):
                return person
        return None

    def _in_class(self, rows, name):
        return any(row.school_class_id == self.classes[name].id for row in rows)

    def _cards(self, cards):
        wanted = []
        for record in self.school.pupils:
            group = next((name for name, stem in PE_GROUPS if re.search(stem, values.fold(record.health_group))), None)
            wanted.append(Wanted({"person": self.ids[record], "file_no": (record.file_number or "")[:40],
                                  "pe_group": group or (None if self.ids[record] in cards else "main"), "consent": record.consent,
                                  "note": _note(record, group)[:300]}, record.name, record.place))
        ids = self.ledger.sync(m.Pupil, ("person",), wanted)
        return {record: ids[self.ids[record],] for record in self.school.pupils}

    def _enrol(self, records, pupils):
        """First lists of the year: starts, arrivals, moves and departures as rows, in bulk."""
        enrolments, movements = [], []
        for record in records:
            spans, moves = self._story(record)
            form = next((name for name, stem in FORMS if re.search(stem, values.fold(record.note))), "")
            enrolments.extend(Wanted({"pupil": pupils[record], "school_class": room.id, "starts": starts, "ends": ends,
                                      "form": form}, f"{record.name}, {room.name}", record.place)
                              for room, starts, ends in spans)
            movements.extend(Wanted({"pupil": pupils[record], "kind": kind, "day": day, "from_class": left and left.id,
                                     "to_class": joined and joined.id, **_paper(record, kind)}, record.name, record.place)
                             for kind, day, left, joined in moves)
        self.ledger.make(m.Enrolment, enrolments)
        self.ledger.make(m.Movement, movements)

    def _story(self, record):
        """`([(class, starts, ends)], [(kind, day, from, to)])` of a pupil's year."""
        here, first = self.classes[record.class_name], self.year.starts
        before = self.classes.get(record.moved_from)
        if before and record.joined and record.joined > first:
            eve = record.joined - datetime.timedelta(days=1)
            return [(before, first, eve), (here, record.joined, self._last(record))], \
                [("start", first, None, before), ("transfer", record.joined, before, here), *self._leaving(record, here)]
        arrived = record.status == "arrived" and record.joined and record.joined > first
        starts = record.joined if arrived else first
        return [(here, starts, self._last(record))], \
            [("arrival" if arrived else "start", starts, None, here), *self._leaving(record, here)]

    def _last(self, record):
        return (record.left or self.by.at.date()) if record.status == "left" else None

    def _leaving(self, record, here):
        return [("departure", self._last(record), here, None)] if record.status == "left" else []

    def _reconcile(self, record, pupil_id, rows):
        """A pupil already in a list of the year: a departure and a move with a date are written, anything else is doubted."""
        current = rows[-1]
        here = self.classes[record.class_name]
        if record.status == "left":
            if current.ends is None and record.left:
                m.Pupil.get_by_id(pupil_id).depart(self.by, record.left, **_paper(record, "departure"))
                self.ledger.note("change", m.Enrolment, record.name, record.place, {"ends": (None, record.left)})
        elif current.ends is None and current.school_class_id != here.id:
            self._move(record, pupil_id, current, here)
        elif current.ends is not None and current.ends < self.by.at.date():
            self._doubt(record, N_("%(name)s left on %(day)s by the journal, but stands in the list: decide in the journal."),
                        day=current.ends)

    def _move(self, record, pupil_id, current, here):
        if record.joined and record.joined > current.starts:
            m.Pupil.get_by_id(pupil_id).transfer(self.by, here, record.joined, **_paper(record, "transfer"))
            self.ledger.note("change", m.Enrolment, record.name, record.place,
                             {"school_class": (current.school_class.name, here.name)})
        else:
            self._doubt(record,
                        N_("%(name)s is in %(old)s by the journal and in %(new)s by the file, and no date of the move is told."),
                        old=current.school_class.name, new=here.name)

    def _doubt(self, record, message, **words):
        self.school.tell("error", record.place, record.name, Text(message, name=record.name, **words))

    def _tell_missing(self, pupils, lists):
        """Pupils of the journal's lists whose class was in the files without them."""
        named, told = set(pupils.values()), {pupil.class_name: pupil.place for pupil in self.school.pupils}
        missing = [row for pupil, rows in lists.items() if pupil not in named for row in rows[-1:]
                   if row.ends is None and row.school_class.name in told]
        for row in missing:
            place = told[row.school_class.name]
            name = row.pupil.person.full_name
            self.school.tell("warning", type(place)(place.file, place.sheet), name,
                             Text(N_("%(name)s of %(class_name)s is not in the file; nothing was changed for the pupil."),
                                  name=name, class_name=row.school_class.name))

    # guardians

    def _guardians(self, pupils):
        wards = defaultdict(set)
        for guardian, pupil in m.Guardianship.select(m.Guardianship.guardian, m.Guardianship.pupil).tuples():
            wards[guardian].add(pupil)
        for guardian in self.school.guardians:
            if guardian.staff:
                self.ids[guardian] = self.ids[guardian.staff]
        rest = [guardian for guardian in self.school.guardians if guardian.staff is None]
        self._persons(rest, lambda record: self._standing_guardian(record, wards, pupils), _guardian_person)
        self.ledger.sync(m.Guardianship, ("guardian", "pupil"), [
            Wanted({"guardian": self.ids[guardian], "pupil": pupils[child], "relation": _relation(guardian)},
                   f"{guardian.name} — {child.name}", guardian.place)
            for guardian in self.school.guardians for child in guardian.children], update=False)

    def _standing_guardian(self, record, wards, pupils):
        children = {pupils[child] for child in record.children}
        for person in self._named(record.name):
            if _shares(person, record.phones, record.email) or wards[person.id] & children:
                return person
        return None

    # everybody

    def _named(self, name):
        return self.persons.get(m.name_keys(*(part or "" for part in values.parts(name)))["search"], [])

    def _persons(self, records, standing_of, fields):
        """Finds or makes the person of each record."""
        new = []
        for record in records:
            standing = standing_of(record)
            wanted = Wanted(fields(record), record.name, record.place)
            if standing is None:
                new.append((record, wanted))
                continue
            wanted.values["phone"] = _merged_phones(standing.phone, wanted.values.get("phone", ""))
            self.ledger.change(standing, Wanted({key: value for key, value in wanted.values.items() if key not in _NAMES},
                                                record.name, record.place))
            self.ids[record] = standing.id
        for (record, _), made in zip(new, self.ledger.make(m.Person, [wanted for _, wanted in new]), strict=True):
            self.ids[record] = made


_NAMES = {"surname", "name", "patronymic", "search", "sort"}


def _person(name, **more):
    surname, first, patronymic = (part or "" for part in values.parts(name))
    named = {"surname": surname[:100], "name": first[:100], "patronymic": patronymic[:100]}
    return {**named, **m.name_keys(*named.values()), "birth": None, "sex": "", "phone": "", "email": "", "address": "", **more}


def _staff_person(record):
    return _person(record.name, birth=record.birth, sex=values.patronymic_sex(record.name) or "", phone=record.phone or "",
                   email=record.email or "")


def _pupil_person(record):
    return _person(record.name, birth=record.birth, sex=record.sex or "", phone=record.phone or "", email=record.email or "",
                   address=(record.address or "")[:300])


def _guardian_person(record):
    return _person(record.name, sex=values.patronymic_sex(record.name) or "", phone=", ".join(record.phones)[:200],
                   email=record.email or "", address=(record.address or "")[:300])


def _merged_phones(standing, wanted):
    numbers = [number for number in re.split(r",\s*", f"{standing},{wanted}") if number]
    return ", ".join(dict.fromkeys(numbers))[:200]


def _shares(person, phones, email):
    return any(phone and phone in person.phone for phone in phones) or bool(email) and person.email == email


def _relation(guardian):
    words = {"mother": "мать", "father": "отец", "guardian": "опекун", "parent": "родитель"}
    return (guardian.note if guardian.relation == "guardian" and guardian.note else words[guardian.relation])[:30]


def _note(record, group):
    """The remark as written; a release from physical education, which is no group, beside it."""
    released = record.health_group if record.health_group and group is None else None
    return "; ".join(filter(None, (record.note, released and f"физкультура: {released}")))


def _paper(record, kind):
    """What the movement's order says; the list of the first of September has none."""
    if kind == "start":
        return {"place": "", "order_no": "", "order_date": None, "note": ""}
    return {"place": (record.other_school or "")[:300], "order_no": (record.order or "")[:60], "order_date": _ordered(record.note),
            "note": (record.note or "")[:300]}


def _ordered(note):
    """The date of «пр. № 36 от 01.10.2026»; None when the order has no date, or none that exists."""
    match = re.search(r"\bпр(?:иказ\w*|\.|\b).{0,12}?\bот\s+(\d[\d.]+\d)", note or "", re.IGNORECASE)
    try:
        return values.date(match[1]) if match else None
    except ValueError:
        return None
