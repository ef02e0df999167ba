"""Teaching out of the files: curriculum, journal units with their subgroups, courses, assignments, thematic plans, timetable."""

import datetime
import math
import re
from collections import defaultdict

import models as m
from models import N_, Text

from exchange.intake import plans, values
from exchange.intake.ledger import Wanted
from exchange.intake.standing import JOURNAL

BY_SEX, BY_LIST = "Мальчики и девочки", "Подгруппы"
SEXES = ("мальчики", "девочки")
WORK_CODES = {"control": "К", "laboratory": "Л", "practical": "П", "independent": "С", "test": "Т", "project": "Пр"}


class Teaching:
    """Lays what is taught to whom; `persons` and `pupils` are ids by record, `subjects` ids by Subject."""

    def __init__(self, school, ledger, year, by, persons, pupils, subjects):
        self.school, self.ledger, self.year, self.by = school, ledger, year, by
        self.persons, self.pupils, self.subjects = persons, pupils, subjects
        self.classes = {row.name: row for row in m.SchoolClass.select().where(m.SchoolClass.year == year)}
        self.people = _employees() | {values.fold(record.name): persons[record] for record in school.staff}
        self.slots = _chosen(school)
        self.divisions = {(row.class_name, row.subject): _division(row) for row in school.load if row.group}

    def lay(self):
        """Writes everything but the lessons; returns the timetable version to publish, or None."""
        self._curriculum()
        self.units = self._units()
        self._members()
        self.courses = self._courses()
        self.teachers = self._assignments()
        self._plans()
        return self._timetable()

    # curriculum

    def _curriculum(self):
        wanted = {}
        for row in (row for row in self.school.curriculum if row.place is not JOURNAL):
            key = (row.class_name, row.subject)
            wanted[key] = Wanted({"school_class": self.classes[row.class_name].id, "subject": self.subjects[row.subject],
                                  "component": "", "weekly_hours": row.hours, "weeks": plans.weeks(values.grade(row.class_name))},
                                 f"{row.subject.name}, {row.class_name}", row.place)
        self.ledger.sync(m.CurriculumLine, ("school_class", "subject", "component"), list(wanted.values()))

    # units

    def _division(self, class_name, subject):
        return self.divisions.get((class_name, subject), BY_LIST)

    def _groups(self):
        """{(class, division): {number: place}} of every subgroup that the load or the timetable names."""
        found = defaultdict(dict)
        for row in (*self.school.load, *self.slots):
            if row.group:
                found[row.class_name, self._division(row.class_name, row.subject)].setdefault(row.group, row.place)
        return found

    def _units(self):
        """{(class, division or None, group or None): unit id}."""
        groups = self._groups()
        sets = self.ledger.sync(m.SubgroupSet, ("school_class", "name"), [
            Wanted({"school_class": self.classes[name].id, "name": division}, f"{name}: {division}", next(iter(numbers.values())))
            for (name, division), numbers in groups.items()])
        wanted = [((name, None, None), Wanted({"year": self.year.id, "name": name, "kind": "class", "school_class": row.id,
                                               "subgroup_set": None, "number": None}, name, self.school.class_places.get(name)))
                  for name, row in self.classes.items() if name in self.school.classes]
        for (name, division), numbers in groups.items():
            for number, place in numbers.items():
                title = f"{name} {SEXES[number - 1]}" if division == BY_SEX and number < 3 else f"{name}/{number}"
                wanted.append(((name, division, number), Wanted({
                    "year": self.year.id, "name": title, "kind": "subgroup", "school_class": self.classes[name].id,
                    "subgroup_set": sets[self.classes[name].id, division], "number": number}, title, place)))
        key = ("kind", "school_class", "subgroup_set", "number")
        ids = self.ledger.sync(m.Unit, key, [row for _, row in wanted], m.Unit.year == self.year, update=False)
        return {unit: ids[tuple(row.values[field] for field in key)] for unit, row in wanted}

    def _unit(self, row):
        division = self._division(row.class_name, row.subject) if row.group else None
        return self.units[row.class_name, division, row.group]

    def _members(self):
        """Fills subgroups nobody is in yet: boys and girls by sex, others by halves of the alphabet, and tells it."""
        filled = {unit for unit, in m.UnitMember.select(m.UnitMember.unit).distinct().tuples()}
        divisions = defaultdict(dict)
        for (name, division, number), unit in self.units.items():
            if division:
                divisions[name, division][number] = unit
        wanted = []
        for (name, division), numbers in divisions.items():
            if len(numbers) > 1 and not filled & set(numbers.values()):
                wanted.extend(self._shared_out(name, division, numbers))
        self.ledger.make(m.UnitMember, wanted)

    def _shared_out(self, name, division, numbers):
        listed = list(m.Enrolment.select(m.Enrolment, m.Pupil, m.Person).join(m.Pupil).join(m.Person).where(
            m.Enrolment.school_class == self.classes[name]).order_by(m.Person.sort, m.Enrolment.pupil))
        place = self._groups()[name, division][min(numbers)]
        self.school.tell("warning" if division == BY_LIST else "info", type(place)(place.file), name,
                         Text(_SHARED_OUT.get(division, _SHARED_OUT[BY_LIST]), class_name=name))
        order = sorted(numbers)
        size = math.ceil(len(listed) / len(order))
        for index, row in enumerate(listed):
            number = order[min(index // size, len(order) - 1)]
            if division == BY_SEX:
                number = {"m": 1, "f": 2}.get(row.pupil.person.sex)
            if number in numbers:
                yield Wanted({"unit": numbers[number], "pupil": row.pupil_id, "starts": row.starts, "ends": row.ends},
                             f"{row.pupil.person.full_name}, {name}/{number}", place)

    # courses

    def _courses(self):
        """{(unit id, Subject): course id}: of the load, of curriculum lines nobody teaches yet, of the timetable."""
        wanted = {}
        standing = {(unit, subject): float(hours) for unit, subject, hours in m.Course.select(
            m.Course.unit, m.Course.subject, m.Course.weekly_hours).tuples()}
        for row in self.school.load:
            self._want_course(wanted, self._unit(row), row, row.hours)
        loaded = {(row.class_name, row.subject) for row in self.school.load}
        for row in self.school.curriculum:
            if (row.class_name, row.subject) not in loaded and row.place is not JOURNAL:
                self._want_course(wanted, self.units[row.class_name, None, None], row, row.hours)
        for row in self.slots:
            unit = self._unit(row)
            self._want_course(wanted, unit, row, standing.get((unit, self.subjects[row.subject]), 0))
        ids = self.ledger.sync(m.Course, ("unit", "subject"), list(wanted.values()))
        return {(unit, subject): ids[unit, self.subjects[subject]] for unit, subject in wanted}

    def _want_course(self, wanted, unit, row, hours):
        wanted.setdefault((unit, row.subject), Wanted(
            {"unit": unit, "subject": self.subjects[row.subject], "weekly_hours": hours},
            f"{row.subject.name}, {row.class_name}", row.place))

    def _assignments(self):
        """{course id: teachers' person ids}; another teacher than the standing one is doubted, for a change needs a date."""
        standing = defaultdict(set)
        for row in m.Assignment.on(self.by.at.date()).join(m.Course).join(m.Unit).where(m.Unit.year == self.year):
            standing[row.course_id].add(row.teacher_id)
        wanted, teachers = [], defaultdict(set, {course: set(ids) for course, ids in standing.items()})
        for row in self._taught():
            course, teacher = self.courses[self._unit(row), row.subject], self.people.get(values.fold(row.teacher))
            if teacher is None:
                self._tell_unknown(row)
            elif standing[course] and teacher not in standing[course]:
                self.school.tell("error", row.place, row.teacher, Text(
                    N_("%(subject)s, %(class_name)s: another teacher stands in the journal. Hand the course over there."),
                    subject=row.subject.name, class_name=row.class_name))
            elif teacher not in teachers[course]:
                teachers[course].add(teacher)
                wanted.append(Wanted({"course": course, "teacher": teacher, "starts": self.year.starts, "hours": row.hours},
                                     f"{row.teacher}: {row.subject.name}, {row.class_name}", row.place))
        self.ledger.make(m.Assignment, wanted)
        return teachers

    def _tell_unknown(self, row):
        if row.place is not JOURNAL:
            self.school.tell("error", row.place, row.teacher,
                             Text(N_("%(name)s is not known, or several members of staff have this name: nobody was assigned."),
                                  name=row.teacher))

    def _taught(self):
        """Rows of the load; without one for a course, the timetable's own teachers."""
        loaded = {(self._unit(row), row.subject) for row in self.school.load}
        yield from self.school.load
        for slot in self.slots:
            if slot.teacher and (self._unit(slot), slot.subject) not in loaded:
                slot.hours = 0
                yield slot

    # thematic plans

    def _plans(self):
        read = {self._plan_name(plan): plan for plan in self.school.plans}
        ids = self.ledger.sync(m.Plan, ("year", "subject", "grade", "name"), [
            Wanted({"year": self.year.id, "subject": self.subjects[plan.subject], "grade": plan.grade, "name": name,
                    "author": self._author(plan), "source": plan.place.file[:300]}, name,
                   plan.topics[0].place if plan.topics else plan.place)
            for name, plan in read.items()])
        by_plan = {ids[self.year.id, self.subjects[plan.subject], plan.grade, name]: plan for name, plan in read.items()}
        known = {code for code, in m.WorkKind.select(m.WorkKind.code).tuples()}
        before = _approved(by_plan)
        self.ledger.sync(m.PlanTopic, ("plan", "number"), [
            Wanted({"plan": owner, "number": topic.number, "section": (topic.section or "")[:300], "topic": topic.title[:500],
                    "hours": topic.hours, "work_kind": _known_code(topic.kind, known), "homework": (topic.homework or "")[:500]},
                   topic.title, topic.place)
            for owner, plan in by_plan.items() for topic in plan.topics], m.PlanTopic.plan.in_(list(by_plan)))
        after = _approved(by_plan)
        for owner in (owner for owner in before if before[owner] != after[owner]):
            m.Plan.update(approved_at=None, approved_by=None).where(m.Plan.id == owner).execute()
            self.school.tell("warning", by_plan[owner].place, self._plan_name(by_plan[owner]), Text(_APPROVAL_ENDED))
        self._give_plans(by_plan)

    def _plan_name(self, plan):
        whole = set(self.school.classes_with(plan.subject, plan.grade)) == set(plan.classes)
        return f"{plan.subject.name}, {plan.grade if whole else ', '.join(plan.classes)}"[:200]

    def _author(self, plan):
        teachers = {row.teacher for row in self.school.load if row.subject is plan.subject and row.class_name in plan.classes}
        return self.people.get(values.fold(teachers.pop())) if len(teachers) == 1 else None

    def _give_plans(self, by_plan):
        """Courses of the plan's classes, subgroups included, take the plan unless they live by another."""
        owners = {(name, plan.subject): owner for owner, plan in by_plan.items() for name in plan.classes}
        units = {unit: name for (name, _, _), unit in self.units.items()}
        for owner in by_plan:
            courses = [course for (unit, subject), course in self.courses.items() if owners.get((units[unit], subject)) == owner]
            m.Course.update(plan=owner).where(m.Course.id.in_(courses) & m.Course.plan.is_null()).execute()

    # timetable

    def _timetable(self):
        """A version with the files' slots, unless the version in force has them already."""
        if not self.slots:
            return None
        wanted = self._wanted_slots()
        standing = m.Timetable.select().where(m.Timetable.year == self.year).order_by(m.Timetable.starts.desc(),
                                                                                       m.Timetable.id.desc()).first()
        others = self._slots_of(standing, {self.classes[slot.class_name].id for slot in self.slots})
        if standing and {tuple(row.values.values()) for row in wanted} == others["same"]:
            return None
        starts = self.by.at.date() + datetime.timedelta(days=1) if standing else self.year.starts
        ends = max((period.end for period in self.school.periods), default=self.year.ends)
        name = f"Расписание с {starts:%d.%m.%Y}"
        made, = self.ledger.make(m.Timetable, [Wanted({"year": self.year.id, "name": name, "starts": starts,
                                                       "ends": max(ends, starts)}, name, self.slots[0].place)])
        kept = [Wanted(dict(zip(SLOT, row, strict=True)), "", None) for row in others["kept"]]
        for row in (*wanted, *kept):
            row.values["timetable"] = made
        self.ledger.make(m.Slot, wanted + kept)
        return m.Timetable.get_by_id(made)

    def _wanted_slots(self):
        rooms = {row.name: row.id for row in m.Room.select()}
        found = {}
        for slot in self.slots:
            course = self.courses[self._unit(slot), slot.subject]
            teacher = self.people.get(values.fold(slot.teacher)) if slot.teacher else None
            row = (course, slot.day, slot.lesson, slot.week or "every", rooms.get(slot.room and slot.room[:40]),
                   None if self.teachers[course] == {teacher} else teacher)
            found.setdefault(row[:4], Wanted(dict(zip(SLOT, row, strict=True)),
                                             f"{slot.subject.name}, {slot.class_name}", slot.place))
        return list(found.values())

    def _slots_of(self, version, classes):
        """Slots of a version as tuples: `same` of these classes, `kept` of other ones."""
        rows = m.Slot.select(*(getattr(m.Slot, name) for name in SLOT), m.Unit.school_class).join(m.Course).join(m.Unit).where(
            m.Slot.timetable == version).tuples() if version else ()
        found = {"same": set(), "kept": []}
        for *row, school_class in rows:
            if school_class in classes:
                found["same"].add(tuple(row))
            else:
                found["kept"].append(tuple(row))
        return found


SLOT = ("course", "weekday", "number", "week", "room", "teacher")
_SHARED_OUT = {
    BY_LIST: N_("%(class_name)s: the files do not say who is in which subgroup; filled by halves of the list, please check."),
    BY_SEX: N_("%(class_name)s: subgroups of boys and girls were filled by sex."),
}


_APPROVAL_ENDED = N_("The file changes an approved thematic plan: the approval ended, the plan has to be approved anew.")


def _approved(plans_of):
    """{plan id: its topics} of those of the plans that are approved."""
    approved = [plan for plan, in m.Plan.select(m.Plan.id).where(
        m.Plan.id.in_(list(plans_of)) & m.Plan.approved_at.is_null(False)).tuples()]
    found = {plan: [] for plan in approved}
    for plan, *topic in m.PlanTopic.select(m.PlanTopic.plan, m.PlanTopic.number, m.PlanTopic.section, m.PlanTopic.topic, m.PlanTopic.hours,
                                           m.PlanTopic.work_kind, m.PlanTopic.homework).where(
            m.PlanTopic.plan.in_(approved)).order_by(m.PlanTopic.number).tuples():
        found[plan].append(topic)
    return found


def _employees():
    """{folded name: person id} of staff in the journal whose names are nobody else's."""
    found = defaultdict(set)
    for person, name in m.Employee.select(m.Employee.person, m.Person.search).join(m.Person).tuples():
        found[name].add(person)
    return {name: people.pop() for name, people in found.items() if len(people) == 1}


def _division(row):
    """The set a group of the load belongs to: the journal's own, boys and girls, or the list's."""
    if row.place is JOURNAL:
        return row.note or BY_LIST
    return BY_SEX if re.search("мальчик|девоч|юнош|девуш", values.fold(row.note)) else BY_LIST


def _known_code(kind, known):
    code = WORK_CODES.get(kind, "")
    return code if code in known else ""


def _chosen(school):
    """The slots to lay: of every timetable without clashes; of two for the same class the one a person chooses."""
    clean = [each for each in school.timetables if each.slots and not each.clashes]
    rivals = [each for each in clean if any(_same_class(each, other) for other in clean if other is not each)]
    if not rivals:
        return [slot for each in clean for slot in each.slots]
    place = rivals[0].slots[0].place
    options = [(each.file, Text(each.file)) for each in rivals]
    answer = school.ask("timetable", Text(N_("Several timetables name the same classes. Which one holds?")), place, options)
    if answer is None:
        school.tell("error", type(place)(", ".join(each.file for each in rivals)), None,
                    Text(N_("Several timetables name the same classes: none was applied, choose one.")))
    return [slot for each in clean for slot in each.slots if each not in rivals or each.file == answer]


def _same_class(one, other):
    return bool({slot.class_name for slot in one.slots} & {slot.class_name for slot in other.slots})
