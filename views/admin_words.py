"""The words of the administrative screens: titles, columns, hints, values of enumerations, and what a record is called."""

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as N_

import marking
import models as m
from views.frame import ROLE_NAMES

# Heading of a group on the page «Управление» → its screens, in the order one fills them.
GROUPS = (
    (N_("People"), (m.Pupil, m.Movement, m.Enrolment, m.Guardianship, m.Employee, m.Appointment, m.Account, m.Person)),
    (N_("Classes and groups"), (m.SchoolClass, m.SubgroupSet, m.Unit, m.UnitMember)),
    (N_("Year and calendar"), (m.Year, m.PeriodSet, m.Period, m.ResultOrder, m.Holiday, m.BellSet, m.Bell, m.BellUse, m.Room, m.School)),
    (N_("Teaching"), (m.Subject, m.CurriculumLine, m.Plan, m.PlanTopic, m.Course, m.Assignment, m.WorkKind, m.KindWeight,
                      m.MarkScale, m.AbsenceCode)),
    (N_("Timetable"), (m.Timetable, m.Slot, m.Substitution)),
    (N_("Journal"), (m.Lesson, m.Work, m.Mark, m.Absence, m.Excuse, m.Homework, m.Remark, m.PeriodMark, m.PeriodClosure)),
    (N_("Records"), (m.ImportRun, m.Act, m.AccessRecord)),
)

# Table → (title, what the screen is for).
TITLES = {
    m.School: (N_("School"), N_("Name, time zone and limits of the whole school.")),
    m.Year: (N_("School years"), N_("A year holds its classes, periods and timetables.")),
    m.PeriodSet: (N_("Period systems"), N_("Quarters, trimesters, half-years: classes of one school may use several at once.")),
    m.Period: (N_("Periods"), N_("First and last day of each quarter, trimester or half-year.")),
    m.Room: (N_("Rooms"), N_("Where lessons are given; a room is never in two lessons at once.")),
    m.BellSet: (N_("Bell sets"), N_("An ordinary day, a short day, the second shift.")),
    m.Bell: (N_("Bells"), N_("When each lesson begins and ends.")),
    m.BellUse: (N_("When bells hold"), N_("Which bell set holds for whom and when; the narrowest rule wins.")),
    m.Holiday: (N_("Calendar"), N_("Holidays, days off and working days: for all, for grades or for one class.")),
    m.Subject: (N_("Subjects"), N_("The subjects of the school and whether they are marked.")),
    m.SchoolClass: (N_("Classes"), N_("A class of one year, its shift, week and periods.")),
    m.CurriculumLine: (N_("Curriculum"), N_("Weekly hours of a subject in a class.")),
    m.WorkKind: (N_("Kinds of work"), N_("What marks are given for, with what weight and by what deadline.")),
    m.KindWeight: (N_("Weights by subject"), N_("The weight of a kind of work in one subject, where it is not the usual one.")),
    m.MarkScale: (N_("Scales of marks"), N_("Scales of the school's own, beside five points, ten points, letters and pass or fail.")),
    m.AbsenceCode: (N_("Attendance codes"), N_("What stands in a cell for somebody absent or late, and what it counts as.")),
    m.Person: (N_("People in general"), N_("Everybody once: a teacher who is also a parent is one person.")),
    m.Employee: (N_("Staff"), N_("Teachers and other staff, their positions.")),
    m.Pupil: (N_("Pupils"), N_("Personal data of pupils. Arrival, transfer and departure are movements by order.")),
    m.Guardianship: (N_("Families"), N_("Who answers for whom; this is what a parent sees.")),
    m.Appointment: (N_("Roles"), N_("Who is director, deputy, administrator, secretary or class teacher, from when and by what order.")),
    m.Account: (N_("Accounts"), N_("Ways in: logins, one-time passwords, closed accounts.")),
    m.Movement: (N_("Movement"), N_("Arrival, transfer and departure of pupils by order.")),
    m.Enrolment: (N_("Enrolment"), N_("Who is in which class from when to when. Changed by movements only.")),
    m.SubgroupSet: (N_("Subgroup sets"), N_("Divisions of a class: a pupil is in one subgroup of a set.")),
    m.Unit: (N_("Journal units"), N_("Classes, subgroups, streams and single pupils that have a journal of their own.")),
    m.UnitMember: (N_("Members of subgroups"), N_("Who is in which subgroup or stream from when to when.")),
    m.Plan: (N_("Thematic plans (КТП)"), N_("Calendar-thematic plans by subject and grade.")),
    m.PlanTopic: (N_("Topics of plans"), N_("The lessons of a plan in their order.")),
    m.Course: (N_("Courses"), N_("A journal: a class or group and a subject.")),
    m.Assignment: (N_("Teaching load"), N_("Who teaches which course from when to when.")),
    m.Timetable: (N_("Timetable versions"), N_("Dated versions; publishing one makes the lessons.")),
    m.Slot: (N_("Lessons of the timetable"), N_("Weekday and number of each lesson of a version.")),
    m.Substitution: (N_("Substitutions"), N_("A lesson given by another teacher opens its page to that teacher.")),
    m.Lesson: (N_("Lessons"), N_("Every lesson of the year: topic, state, teacher.")),
    m.Work: (N_("Works of lessons"), N_("Further columns of a lesson: another work with a weight of its own.")),
    m.Mark: (N_("Marks of pupils"), N_("Every mark; a change follows the rules of the journal.")),
    m.Absence: (N_("Absences"), N_("Attendance codes by lesson.")),
    m.Excuse: (N_("Papers behind absences"),
               N_("A certificate, a note or an order from a day to a day: absences of these days get its code.")),
    m.Homework: (N_("Homework"), N_("What was set at which lesson.")),
    m.Remark: (N_("Comments to pupils"), N_("What teachers wrote to pupils and families.")),
    m.PeriodMark: (N_("Period marks"), N_("Marks for periods and the year beside the computed value.")),
    m.ResultOrder: (N_("Orders on deadlines of marks"), N_("Until when marks of a period or the year are put, by the school's order.")),
    m.PeriodClosure: (N_("Closed periods"), N_("Which periods are closed for which classes, by whom and why.")),
    m.ImportRun: (N_("Intakes"), N_("Files taken in, what was found in them.")),
    m.Act: (N_("Acts of change"), N_("Who changed what: every transaction in order.")),
    m.AccessRecord: (N_("Access log"), N_("Which staff looked at which pupil's record.")),
}

# Column → its name; a column of one table only may be named «Table.column».
LABELS = {
    "id": N_("No."), "name": N_("Name"), "averaged": N_("Averages are shown"), "short_name": N_("Short name"), "kind": N_("Kind"),
    "timezone": N_("Time zone"),
    "place": N_("Place"), "idle_minutes": N_("Screen lock, minutes"),
    "confirm_minutes": N_("Password again before period marks, minutes"), "upload_limit_mb": N_("Largest file, MB"),
    "starts": N_("From"), "ends": N_("To"), "year": N_("School year"), "period_set": N_("Period system"),
    "number": N_("Number"), "capacity": N_("Seats"), "note": N_("Note"), "bell_set": N_("Bell set"),
    "short": N_("Short name"),
    "official": N_("Name in the curriculum"), "area": N_("Subject area"), "position": N_("Place in the order"), "grading": N_("Marking"),
    "grade": N_("Grade"), "letter": N_("Letter"), "profile": N_("Profile"), "week_days": N_("Days in the week"),
    "shift": N_("Shift"), "room": N_("Room"), "previous": N_("Last year's class"),
    "size_on_20_september": N_("Pupils on 20 September"), "grade_from": N_("From grade"), "grade_to": N_("To grade"),
    "school_class": N_("Class"), "weekday": N_("Weekday"), "as_weekday": N_("By the timetable of"),
    "order_no": N_("Order No."), "instruction": N_("Instruction on lessons at a distance"),
    "order_date": N_("Date of the order"), "surname": N_("Surname"),
    "Person.name": N_("First name"), "patronymic": N_("Patronymic"), "birth": N_("Date of birth"), "sex": N_("Sex"),
    "phone": N_("Telephone"), "email": N_("E-mail"), "address": N_("Address"), "person": N_("Person"), "login": N_("Login"),
    "must_change": N_("Must change the password"), "password_at": N_("Password since"), "locked": N_("Closed because"),
    "language": N_("Language"), "role": N_("Role"),
    "Employee.position": N_("Position"), "subjects": N_("Subjects"), "hired": N_("Hired"), "left": N_("Left"),
    "file_no": N_("Personal file No."), "pe_group": N_("Physical education group"), "pe_from": N_("Group from"),
    "pe_until": N_("Group until"),
    "pe_paper": N_("Certificate of the group"), "consent": N_("Consent to processing"),
    "guardian": N_("Guardian"), "pupil": N_("Pupil"), "relation": N_("Relation"), "day": N_("Date"),
    "from_class": N_("From class"), "to_class": N_("To class"), "Movement.place": N_("Where from, where to"),
    "form": N_("Form of study"), "subgroup_set": N_("Subgroup set"), "unit": N_("Class or group"),
    "subject": N_("Subject"), "weekly_hours": N_("Hours a week"), "weeks": N_("Study weeks"), "year_hours": N_("Hours a year"),
    "component": N_("Part of the curriculum"), "author": N_("Author"), "source": N_("Source"), "plan": N_("Thematic plan"),
    "section": N_("Section"), "topic": N_("Topic"), "hours": N_("Hours"), "work_kind": N_("Planned work"),
    "homework": N_("Homework"), "course": N_("Course"), "teacher": N_("Teacher"), "published_at": N_("Published"),
    "timetable": N_("Timetable version"), "week": N_("Weeks"), "code": N_("Code"), "weight": N_("Weight"),
    "deadline": N_("Deadline for marks"), "for_everyone": N_("Everybody writes it"), "active": N_("In use"),
    "state": N_("State"), "reason": N_("Reason"), "work_topic": N_("Topic of the work"),
    "received_at": N_("Results received"), "plan_topic": N_("Topic of the plan"), "topic_at": N_("Topic entered"),
    "topic_late": N_("Topic late"), "attendance_at": N_("Attendance stated"), "attendance_by": N_("Attendance by"),
    "attendance_late": N_("Attendance late"), "lesson": N_("Lesson"), "title": N_("Title"),
    "entered_at": N_("Entered"), "entered_by": N_("Entered by"), "late": N_("Late"), "clause": N_("Clause"),
    "work": N_("Work"), "value": N_("Mark given"), "protocol": N_("Protocol"), "minutes": N_("Minutes late"),
    "document": N_("Document"), "text": N_("Text"), "at": N_("When"), "not_set": N_("Nothing set"), "due": N_("Due"),
    "absent": N_("In place of"), "substitute": N_("Substitute"), "paid": N_("Paid"), "period": N_("Period"),
    "computed": N_("Computed"), "average": N_("Average"), "closed_at": N_("Closed"), "closed_by": N_("Closed by"),
    "reopened_at": N_("Reopened"), "reopened_by": N_("Reopened by"), "reopen_reason": N_("Why reopened"),
    "reopen_paper": N_("Order or protocol, number and date"), "reopened_until": N_("Open until"), "closed_again_at": N_("Closed anew"),
    "entries": N_("Entries signed"), "digest": N_("Digest (SHA-256)"), "PeriodClosure.left": N_("Left as it was"),
    "exam_received_at": N_("Exam: when the results came"),
    "by_person": N_("By whom"), "files": N_("Files"), "undone_at": N_("Undone"), "seq": N_("No."), "who": N_("Who"),
    "via": N_("Way"), "Act.why": N_("Why"), "page": N_("Page"), "pupil_id": N_("Pupil"), "unit_id": N_("Class or group"),
    "Absence.code": N_("Absent"), "Excuse.code": N_("Reason of absence"), "meaning": N_("Meaning"), "missed": N_("Missed"),
    "AbsenceCode.document": N_("Paper needed"),
    "key": N_("Key"), "shared": N_("Shared by several classes"), "Plan.shared": N_("Colleagues see it"),
    "approved_at": N_("Approved"), "approved_by": N_("Approved by"),
    "Unit.number": N_("Number of the subgroup"), "Slot.number": N_("Lesson No."),
    "Bell.number": N_("Lesson No."), "Lesson.number": N_("Lesson No."), "Bell.starts": N_("Begins"), "Bell.ends": N_("Ends"),
    "Lesson.starts": N_("Begins"), "Lesson.ends": N_("Ends"), "Lesson.kind": N_("Kind of work"), "Work.kind": N_("Kind of work"),
    "Person.address": N_("Address of residence"), "Act.address": N_("Network address"), "own_class": N_("Class"),
    "status": N_("Status"), "roles": N_("Roles"), "password_state": N_("Password"), "rules_state": N_("Rules accepted"),
    "teachers": N_("Teachers"),
    "until": N_("Put by"), "why": N_("Reason of the change"), "protocol_text": N_("Protocol of the retake"),
    "Lesson.reason": N_("Why cancelled"),
}

HINTS = {
    "Employee.person": N_("Leave empty for somebody new and write the name below."),
    "Pupil.person": N_("Leave empty for somebody new and write the name below."),
    "Guardianship.guardian": N_("Begin typing the surname. Somebody new is added under «People in general» first."),
    "Pupil.file_no": N_("Unique in the school"),
    "Pupil.pe_group": N_("By the medical certificate. With a special group and while released from exercises only theory is assessed."),
    "Pupil.pe_until": N_("A release from exercises has a last day, at most a year on."),
    "School.timezone": N_("Deadlines and bells follow it."),
    "School.confirm_minutes": N_("Period marks and signatures want a password given no longer ago; 0 never asks again."),
    "School.idle_minutes": N_("Staff screens lock after so many minutes; 0 never locks."),
    "SchoolClass.name": N_("For example 7Б"),
    "SchoolClass.period_set": N_("Without it the class has no periods to mark."),
    "SchoolClass.size_on_20_september": N_("For the state report; counted then, kept here."),
    "Person.phone": N_("Several are separated by commas."),
    "Appointment.school_class": N_("For a class teacher only."),
    "Appointment.order_no": N_("By D1, clause 4.2.2, the administrator is appointed by order."),
    "Holiday.week_days": N_("Only for classes with a week of 5 or 6 days; empty for all."),
    "Holiday.as_weekday": N_("For a working day: whose timetable it follows."),
    "Holiday.grade_from": N_("Empty for all grades."), "Holiday.instruction": N_("A link or its name; teachers and families see it."),
    "BellUse.weekday": N_("Empty for every day."),
    "BellUse.school_class": N_("Empty for every class of these grades."),
    "CurriculumLine.year_hours": N_("Empty: weeks × hours a week."),
    "Slot.week": N_("Every week, or only odd or even ones."),
    "WorkKind.weight": N_("How many ordinary marks it counts for in the average."),
    "WorkKind.code": N_("One or two letters for the head of the journal."),
    "Work.weight": N_("From 1 to 10; empty means the weight of the kind of work."),
    "Course.grading": N_("Only if this journal is marked differently from the subject."),
    "Excuse.document": N_("For example: справка № 4 от 14.12.2026"),
    "Excuse.ends": N_("The last day it speaks of. Pupils are offered as absent with its code until then."),
    "AbsenceCode.code": N_("One to five small Russian letters, as they stand in the cell."),
    "AbsenceCode.missed": N_("The lesson counts among the missed ones."),
    "AbsenceCode.document": N_("A note, a certificate or an order is asked for."),
    "AbsenceCode.key": N_("The letter that puts the code in the grid; may stay empty."),
    "AbsenceCode.active": N_("Off: stays where it stands and is put no more."),
    "Assignment.ends": N_("Empty as long as it lasts."),
    "Appointment.ends": N_("Empty as long as it lasts."),
    "Guardianship.ends": N_("Empty as long as it lasts; after this day nothing is shown."),
    "UnitMember.ends": N_("Empty as long as it lasts."),
    "Movement.day": N_("Transfer: the first day in the new class. Departure: the last day in the list."),
    "Account.login": N_("What is typed at the sign-in; capital letters do not matter."),
    "Account.locked": N_("Any text here closes the account and is shown at the sign-in; empty opens it."),
    "Subject.position": N_("Order in the curriculum and the summary sheet."),
    "Mark.value": N_("All that the cell holds, as in the grid: 5, 4/5, н, н→4"),
    "Mark.protocol_text": N_("For a mark after an absence, for example: № 3 от 12.11.2026"),
    "Mark.why": N_("Asked when the regulation asks for it."), "Absence.why": N_("Asked when the regulation asks for it."),
    "ResultOrder.until": N_("This day replaces the deadline of the regulation, earlier or later."),
    "ResultOrder.period": N_("Only for marks of a period."), "ResultOrder.school_class": N_("Empty for every class."),
    "PeriodMark.why": N_("Asked when the mark departs from the computed one."),
    "Lesson.plan_topic": N_("A topic of this course's plan."),
    "Assignment.teacher": N_("A new teacher without an end takes the course over: the former one's days end the day before."),
    "Homework.not_set": N_("Different from nothing entered: the family sees that nothing is set."),
    "Plan.grade": N_("The parallel the plan is for."),
}

WEEKDAYS = ((1, N_("Monday")), (2, N_("Tuesday")), (3, N_("Wednesday")), (4, N_("Thursday")), (5, N_("Friday")),
            (6, N_("Saturday")), (7, N_("Sunday")))
_PERIODS = (("quarter", N_("quarters")), ("trimester", N_("trimesters")), ("half_year", N_("half-years")),
            ("semester", N_("semesters")), ("module", N_("modules")), ("year", N_("year")))

_SCALES = (("marks", N_("marks 5 to 2")), ("ten", N_("ten points")), ("letters", N_("letters A to D")), ("pass", N_("pass or fail")),
           ("none", N_("no marks")))

PE_SHORT = {"special_a": N_("sp. A"), "special_b": N_("sp. B"), "released": N_("no exercise")}

# «Table.column» → its values and their names.
CHOICES = {
    "School.kind": (("school", N_("school")), ("college", N_("college"))),
    "PeriodSet.kind": _PERIODS,
    "Holiday.kind": (("holiday", N_("holidays")), ("public", N_("public holiday")), ("cancelled", N_("lessons cancelled")),
                     ("working", N_("working day")), ("distance", N_("lessons at a distance"))),
    "Holiday.as_weekday": WEEKDAYS, "BellUse.weekday": WEEKDAYS, "Slot.weekday": WEEKDAYS,
    "Holiday.week_days": ((5, N_("5 days")), (6, N_("6 days"))),
    "SchoolClass.week_days": ((5, N_("5 days")), (6, N_("6 days"))),
    "Subject.grading": _SCALES, "Course.grading": (("", N_("as the subject")), *_SCALES),
    "AbsenceCode.meaning": (("unexplained", N_("absent, not clear why")), ("ill", N_("ill")), ("excused", N_("good reason")),
                            ("unexcused", N_("without a reason")), ("late", N_("late")), ("released", N_("released"))),
    "Person.sex": (("", N_("not told")), ("m", N_("male")), ("f", N_("female"))),
    "Appointment.role": tuple((role, ROLE_NAMES[role]) for role in m.ROLES if role not in ("PAR", "STU")),
    "Pupil.pe_group": (("main", N_("main")), ("preparatory", N_("preparatory")), ("special_a", N_("special A")),
                       ("special_b", N_("special B")), ("released", N_("released from exercises"))),
    "Movement.kind": (("start", N_("in the list at the start")), ("arrival", N_("arrival")), ("transfer", N_("transfer")),
                      ("departure", N_("departure")), ("promotion", N_("promotion")),
                      ("conditional", N_("conditional promotion")), ("repeat", N_("repeats the year")),
                      ("graduation", N_("graduation"))),
    "Enrolment.form": (("", N_("at school")), ("home", N_("at home")), ("family", N_("family education")),
                       ("individual", N_("individual plan"))),
    "Unit.kind": (("class", N_("class")), ("subgroup", N_("subgroup")), ("stream", N_("stream")),
                  ("individual", N_("single pupil"))),
    "Slot.week": (("every", N_("every week")), ("odd", N_("odd weeks")), ("even", N_("even weeks"))),
    "WorkKind.deadline": (("lesson", N_("by the lesson's deadline")), ("control", N_("control work")),
                          ("written", N_("written work")), ("external", N_("external work"))),
    "Lesson.state": (("planned", N_("planned")), ("held", N_("held")), ("cancelled", N_("cancelled"))),
    "Substitution.kind": (("same_subject", N_("same subject")), ("other_subject", N_("other subject")),
                          ("joining", N_("subgroups joined")), ("second_class", N_("second class at once"))),
    "PeriodMark.kind": (("period", N_("period")), ("year", N_("year")), ("exam", N_("exam")), ("final", N_("final"))),
    "ResultOrder.kind": (("period", N_("period")), ("year", N_("year")), ("exam", N_("exam")), ("final", N_("final"))),
    "Account.language": (("", N_("as in the browser")), ("ru", "Русский"), ("en", "English")),
}


def label(model, path: str):
    """The name of a column; `path` may lead through foreign keys («person.surname») or name a form field («person__birth»)."""
    *steps, name = path.replace("__", ".").split(".")
    for step in steps:
        model = model._meta.fields[step].rel_model
    return LABELS.get(f"{model.__name__}.{name}") or LABELS.get(name, name)


def hint(model, name: str):
    """A sentence under a form field, or ""."""
    return HINTS.get(f"{model.__name__}.{name}", "")


def choices(model, name: str):
    """Values of an enumeration with their names; None for a column that is not one."""
    if model is m.Excuse and name == "code":
        return tuple((code.code, f"{code.code}: {code.name}") for code in m.codes().active if code.missed and code.explained)
    if model is m.Absence and name == "code":
        return tuple((code.code, f"{code.code}: {code.name}") for code in m.codes().all.values())
    if name == "grading":
        return (*CHOICES[f"{model.__name__}.{name}"], *((scale.code, scale.name) for scale in marking.own_scales()))
    return CHOICES.get(f"{model.__name__}.{name}")


# ---- what a record is called ----

# Foreign keys to be joined for a record's name.
NEEDS = {
    m.Pupil: ("person",), m.Employee: ("person",), m.Account: ("person",), m.Course: ("unit", "subject"),
    m.SubgroupSet: ("school_class",), m.Lesson: ("course.unit", "course.subject"), m.Work: ("kind",),
    m.Slot: ("course.unit", "course.subject"), m.Guardianship: ("guardian", "pupil.person"), m.Bell: ("bell_set",),
    m.CurriculumLine: ("school_class", "subject"), m.Assignment: ("course.unit", "course.subject", "teacher"),
    m.Appointment: ("person",), m.Movement: ("pupil.person",), m.Enrolment: ("pupil.person", "school_class"),
    m.UnitMember: ("pupil.person", "unit"), m.Mark: ("pupil.person",), m.Absence: ("pupil.person",),
    m.Remark: ("pupil.person",), m.PeriodMark: ("pupil.person",), m.PeriodClosure: ("period", "school_class"), m.ResultOrder: ("period",),
    m.BellUse: ("bell_set",), m.Homework: ("lesson.course.unit", "lesson.course.subject"),
    m.Substitution: ("lesson.course.unit", "lesson.course.subject"),
}
_NAMES = {
    m.Pupil: lambda r: r.person.full_name,
    m.Employee: lambda r: r.person.full_name,
    m.Account: lambda r: r.login,
    m.Course: lambda r: f"{r.unit.name} · {r.subject.name}",
    m.SubgroupSet: lambda r: f"{r.school_class.name} · {r.name}",
    m.Lesson: lambda r: f"{short_day(r.day)} · {_lesson(r.number)} · {name_of(r.course)}",
    m.Slot: lambda r: f"{value_name(m.Slot, 'weekday', r.weekday)} · {r.number} · {name_of(r.course)}",
    m.Work: lambda r: r.title or r.kind.name,
    m.PlanTopic: lambda r: f"{r.number}. {r.topic}",
    m.Guardianship: lambda r: f"{r.guardian.full_name} → {name_of(r.pupil)}",
    m.Bell: lambda r: f"{r.bell_set.name} · {r.number}",
    m.BellUse: lambda r: r.bell_set.name,
    m.CurriculumLine: lambda r: f"{r.school_class.name} · {r.subject.name}",
    m.Assignment: lambda r: f"{name_of(r.course)} · {r.teacher.short_name}",
    m.Appointment: lambda r: f"{r.person.short_name} · {value_name(m.Appointment, 'role', r.role)}",
    m.Movement: lambda r: f"{name_of(r.pupil)} · {value_name(m.Movement, 'kind', r.kind)}",
    m.Enrolment: lambda r: f"{name_of(r.pupil)} · {r.school_class.name}",
    m.UnitMember: lambda r: f"{name_of(r.pupil)} · {r.unit.name}",
    m.Mark: lambda r: f"{name_of(r.pupil)} · {r.value}",
    m.Absence: lambda r: f"{name_of(r.pupil)} · {r.code}",
    m.Remark: lambda r: name_of(r.pupil),
    m.PeriodMark: lambda r: f"{name_of(r.pupil)} · {r.value}",
    m.ResultOrder: lambda r: f"{r.period.name if r.period else value_name(m.ResultOrder, 'kind', r.kind)} · {short_day(r.until)}",
    m.PeriodClosure: lambda r: f"{r.school_class.name} · {r.period.name}",
    m.Homework: lambda r: name_of(r.lesson),
    m.Substitution: lambda r: name_of(r.lesson),
    m.Protocol: lambda r: f"{r.number} · {short_day(r.day)}",
    m.ImportRun: lambda r: _("Intake No. %(n)s", n=r.id),
    m.Act: lambda r: _("Act No. %(n)s", n=r.seq),
    m.AccessRecord: lambda r: f"{r.page}",
}


def name_of(record) -> str:
    """What a record is called in a list, a link, a heading."""
    named = _NAMES.get(type(record))
    return named(record) if named else str(record)


def _lesson(number: int) -> str:
    return _("lesson %(n)s", n=number)


def value_name(model, column: str, value) -> str:
    """The name of an enumeration's value; the value itself when it has none."""
    return str(dict(choices(model, column)).get(value, value))


def short_day(value) -> str:
    """«17.12.2026»"""
    return format_date(value, "dd.MM.y")
