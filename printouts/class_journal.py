"""The whole journal of a class for a year: title F-02, contents F-03, every course F-01, summary F-04, last sheet F-31."""

from datetime import date

import models as m
import policies
from printouts import journal, summary
from printouts.document import Certification, Column, Cover, Document, Heading, Imprint, PageBreak, Spread, Table, spreads_of


def facts(user: policies.User, school_class: m.SchoolClass, imprint: Imprint) -> Document:
    """Lessons up to the day of printing, with the periods that have begun by then."""
    today = imprint.at.date()
    periods = [period for period in summary.periods_of(school_class) if period.starts <= today]
    courses = journal.of_class(user, school_class)
    pages = journal.spreads(user, courses, periods, today, school_class.year.name, results=True) if periods else []
    title = f"Классный журнал {school_class.name} класса"
    year = school_class.year
    lines = [f"{year.starts.year}/{year.ends.year} учебный год", *_class_teacher(school_class, today)]
    blocks = [Cover(m.School.the().name, title, lines), PageBreak(), Heading("Содержание"), _contents(pages), *pages,
              PageBreak(), *summary.blocks(user, school_class, today),
              Certification("В настоящем журнале", "Директор", _director(today))]
    return Document(title, "F-01", f"klassnyj-zhurnal-{school_class.id}", imprint, blocks, book=True, bound=True)


def _contents(pages: list[Spread]) -> Table:
    """Subjects in the order of the curriculum; left and right page of a spread have one number (F-03)."""
    columns = [Column(8, "center"), Column(64, head=True), Column(20), Column(66), Column(22, "center")]
    rows = [[number, page.subject[:1].upper() + page.subject[1:], page.unit, page.teacher, _numbers(page)]
            for number, page in enumerate(pages, 1)]
    return Table(columns, [["№", "Предмет", "Группа", "Учитель", "Развороты"]], rows, name="Содержание",
                 empty="У класса пока нет предметов.")


def _numbers(page: Spread) -> str:
    last = page.first + spreads_of(len(page.lessons)) - 1
    return str(page.first) if last == page.first else f"{page.first}–{last}"


def _class_teacher(school_class: m.SchoolClass, today: date) -> list[str]:
    found = m.Person.select().join(m.Appointment).where(m.Appointment.id.in_(
        m.Appointment.on(today).where((m.Appointment.role == "CT") & (m.Appointment.school_class == school_class))
        .select(m.Appointment.id))).order_by(m.Person.sort)
    names = ", ".join(person.full_name for person in found)
    return [f"Классный руководитель: {names}"] if names else []


def _director(today: date) -> str:
    found = m.Person.select().join(m.Appointment).where(m.Appointment.id.in_(
        m.Appointment.on(today).where(m.Appointment.role == "DIR").select(m.Appointment.id))).first()
    return found.short_name if found else ""
