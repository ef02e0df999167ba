"""A school as its files tell it: plain records with the place each was read from, findings and questions."""

import datetime
import re
from dataclasses import dataclass, field

from models import Text


@dataclass(frozen=True)
class Place:
    """Where something was read: file, sheet (None for csv), cell in A1 style (a range, or several with commas)."""

    file: str
    sheet: str | None = None
    cell: str | None = None


@dataclass
class Finding:
    """Something told to the user. `severity` is info, warning or error; `value` is the raw value of the cell."""

    severity: str
    file: str
    sheet: str | None
    cell: str | None
    value: object
    message: Text


@dataclass
class Question:
    """
    Something only a person knows. `options` are pairs of a value and its label, `guess` one of the values or ''; without options
    the answer is a date, YYYY-MM-DD.
    """

    key: str
    message: Text
    place: Place
    options: list
    guess: str = ""


@dataclass(eq=False)
class Guardian:
    """One account of a parent or guardian. `relation`: mother, father, guardian or parent."""

    name: str
    relation: str
    phones: list
    email: str | None
    note: str | None
    place: Place
    address: str | None = None
    children: list = field(default_factory=list)
    staff: "Staff | None" = None


@dataclass(eq=False)
class Pupil:
    """
    One pupil of the list. `status`: in, arrived (after the first of September), left. `moved_from` is the class left for
    this one on `joined`. `note` is the remark as written.
    """

    name: str
    class_name: str
    birth: datetime.date | None
    sex: str | None
    file_number: str | None
    address: str | None
    note: str | None
    place: Place
    status: str = "in"
    joined: datetime.date | None = None
    left: datetime.date | None = None
    order: str | None = None
    other_school: str | None = None
    moved_from: str | None = None
    health_group: str | None = None
    consent: bool | None = None
    phone: str | None = None
    email: str | None = None
    guardians: list = field(default_factory=list)


@dataclass(eq=False)
class Staff:
    """One member of staff; `class_teacher_of` are class names."""

    name: str
    position: str | None
    subjects: str | None
    class_teacher_of: list
    phone: str | None
    email: str | None
    birth: datetime.date | None
    place: Place


@dataclass(eq=False)
class Subject:
    """A subject under the name teachers use; `full_name` is the curriculum's, `spellings` are folded forms met, `shorts` the
    timetable's own abbreviations, most used first."""

    name: str
    full_name: str
    place: Place
    area: str | None = None
    part: str | None = None
    spellings: set = field(default_factory=set)
    shorts: list = field(default_factory=list)


@dataclass(eq=False)
class Hours:
    """A cell of the curriculum: weekly hours of a subject in a class."""

    class_name: str
    subject: str
    hours: float
    place: Place


@dataclass(eq=False)
class Load:
    """A row of the teaching load; `group` is None for the whole class."""

    teacher: str
    subject: str
    class_name: str
    group: int | None
    hours: float
    place: Place
    note: str | None = None


@dataclass(eq=False)
class Slot:
    """One lesson of the week. `day` 1 is Monday; `week` is odd, even or None; `group` None is the whole class."""

    class_name: str
    day: int
    lesson: int
    subject: str
    teacher: str | None
    room: str | None
    group: int | None
    week: str | None
    place: Place


@dataclass
class Timetable:
    """The slots of one file; `clashes` keep it from being applied."""

    file: str
    slots: list
    clashes: list = field(default_factory=list)


@dataclass
class Bells:
    """A bell set for some grades; `lessons` are (number, start, end)."""

    name: str
    grades: list
    lessons: list
    place: Place


@dataclass
class Period:
    """A quarter, half-year, trimester; or, in the list of holidays, a break."""

    name: str
    grades: list
    start: datetime.date
    end: datetime.date
    place: Place


@dataclass
class Holiday:
    """A public holiday; `week` is 5 when it is a day off for the five-day week only, else None."""

    name: str
    date: datetime.date
    week: int | None
    place: Place


@dataclass
class Topic:
    """A row of a thematic plan. `kind`: control, laboratory, practical, independent, test, project or None."""

    number: int
    section: str | None
    title: str
    hours: float
    kind: str | None
    homework: str | None
    place: Place


@dataclass
class Plan:
    """A thematic plan; `classes` are the classes of the parallel that have the subject."""

    subject: str
    grade: int | None
    classes: list
    topics: list
    place: Place

    @property
    def hours(self):
        """Hours of all topics."""
        return sum(topic.hours for topic in self.topics)


@dataclass
class School:
    """
    Everything read. `classes` are names in school order; `week_days` and `class_teachers` are by class name; `columns` tells how
    tables were understood: (place of the header, kind as Text, [(heading, meaning as Text)]); `known` is what the
    journal held before.
    """

    name: str | None = None
    year: int | None = None
    classes: list = field(default_factory=list)
    class_places: dict = field(default_factory=dict)
    week_of_grade: dict = field(default_factory=dict)
    week_days: dict = field(default_factory=dict)
    class_teachers: dict = field(default_factory=dict)
    pupils: list = field(default_factory=list)
    guardians: list = field(default_factory=list)
    staff: list = field(default_factory=list)
    subjects: list = field(default_factory=list)
    curriculum: list = field(default_factory=list)
    load: list = field(default_factory=list)
    timetables: list = field(default_factory=list)
    bells: list = field(default_factory=list)
    periods: list = field(default_factory=list)
    breaks: list = field(default_factory=list)
    public_holidays: list = field(default_factory=list)
    plans: list = field(default_factory=list)
    findings: list = field(default_factory=list)
    questions: list = field(default_factory=list)
    answers: dict = field(default_factory=dict)
    columns: list = field(default_factory=list)
    known: "School | None" = None

    def resolve(self, class_name):
        """The classes a name means: itself, or every class of the parallel when only lettered ones exist. [] of None."""
        classes = [*self.classes, *(self.known.classes if self.known else ())]
        if class_name is None or class_name in classes:
            return [class_name] if class_name else []
        lettered = [known for known in dict.fromkeys(classes) if known.rstrip("АБВГДЕЖЗИК") == class_name and known != class_name]
        return lettered or [class_name]

    def classes_with(self, subject, grade):
        """Names of the classes of a grade whose curriculum has the subject; all of the grade when there is no curriculum."""
        having = {row.class_name for row in self.curriculum if row.subject is subject}
        of_grade = [name for name in self.classes if re.match(rf"{grade}(?!\d)", name)]
        return [name for name in of_grade if name in having] if self.curriculum else of_grade

    def tell(self, severity, place, value, message):
        """Adds a finding about a place."""
        self.findings.append(Finding(severity, place.file, place.sheet, place.cell, value, message))

    def ask(self, key, message, place, options, guess=""):
        """The answer already given to a question, or None after putting it on the list."""
        if key in self.answers:
            return self.answers[key]
        self.questions.append(Question(key, message, place, options, guess))
        return None
