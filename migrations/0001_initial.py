"""The first schema: every table as it was at the beginning, the membership view, and what PostgreSQL needs for Russian."""

from peewee import *


class Moment(DateTimeField):
    """A moment in UTC without a zone."""


def to(model, name=None, null=False, on_delete="RESTRICT", **more):
    return ForeignKeyField(model, backref=name, null=null, on_delete=on_delete, **more)


class Base(Model):
    class Meta:
        legacy_table_names = False


class School(Base):
    name = CharField(300)
    short_name = CharField(100, default='')
    kind = CharField(10, default='school')
    timezone = CharField(60, default='Europe/Moscow')
    place = CharField(200, default='')
    is_demo = BooleanField(default=False)
    clock_offset = BigIntegerField(default=0)
    idle_minutes = IntegerField(default=15)
    confirm_minutes = IntegerField(default=60)
    upload_limit_mb = IntegerField(default=10)
    accent_letter = CharField(1, default='')


class Year(Base):
    name = CharField(20, unique=True)
    starts = DateField()
    ends = DateField()


class PeriodSet(Base):
    year = to(Year, 'period_sets')
    name = CharField(60)
    kind = CharField(12, default='quarter')
    class Meta:
        indexes = ((('year', 'name'), True),)


class Period(Base):
    period_set = to(PeriodSet, 'periods')
    number = IntegerField()
    name = CharField(60)
    starts = DateField()
    ends = DateField()
    class Meta:
        indexes = ((('period_set', 'number'), True),)


class Room(Base):
    name = CharField(40, unique=True)
    capacity = IntegerField(null=True)
    shared = BooleanField(default=False)
    note = CharField(200, default='')


class BellSet(Base):
    name = CharField(100, unique=True)


class Bell(Base):
    bell_set = to(BellSet, 'bells', on_delete='CASCADE')
    number = IntegerField()
    starts = TimeField()
    ends = TimeField()
    class Meta:
        indexes = ((('bell_set', 'number'), True),)


class Subject(Base):
    name = CharField(150, unique=True)
    short = CharField(30, default='')
    official = CharField(250, default='')
    area = CharField(150, default='')
    position = IntegerField(default=0)
    grading = CharField(10, default='marks')


class SchoolClass(Base):
    year = to(Year, 'classes')
    name = CharField(30)
    grade = IntegerField()
    letter = CharField(15, default='')
    sort = CharField(40, default='')
    profile = CharField(150, default='')
    week_days = IntegerField(default=6)
    shift = IntegerField(default=1)
    period_set = to(PeriodSet, 'classes', null=True)
    room = to(Room, 'classes', null=True)
    previous = to('self', 'continued_by', null=True)
    size_on_20_september = IntegerField(null=True)
    class Meta:
        indexes = ((('year', 'name'), True),)


class BellUse(Base):
    bell_set = to(BellSet, 'uses', on_delete='CASCADE')
    year = to(Year, 'bell_uses')
    grade_from = IntegerField(default=1)
    grade_to = IntegerField(default=11)
    school_class = to(SchoolClass, 'bell_uses', null=True)
    shift = IntegerField(null=True)
    weekday = IntegerField(null=True)
    starts = DateField(null=True)
    ends = DateField(null=True)


class Holiday(Base):
    year = to(Year, 'holidays')
    name = CharField(150)
    starts = DateField()
    ends = DateField()
    kind = CharField(10, default='holiday')
    week_days = IntegerField(null=True)
    grade_from = IntegerField(null=True)
    grade_to = IntegerField(null=True)
    school_class = to(SchoolClass, 'holidays', null=True)
    as_weekday = IntegerField(null=True)
    order_no = CharField(60, default='')
    instruction = CharField(500, default='')


class Person(Base):
    surname = CharField(100)
    name = CharField(100, default='')
    patronymic = CharField(100, default='')
    birth = DateField(null=True)
    sex = CharField(1, default='')
    phone = CharField(200, default='')
    email = CharField(200, default='')
    address = CharField(300, default='')
    search = CharField(300, default='', index=True)
    sort = CharField(250, default='', index=True)


class Account(Base):
    person = to(Person, 'accounts')
    login = CharField(60, unique=True)
    password = CharField(200, null=True)
    must_change = BooleanField(default=False)
    password_at = Moment(null=True)
    locked = CharField(200, default='')
    language = CharField(5, default='')


class Appointment(Base):
    person = to(Person, 'appointments')
    role = CharField(4)
    school_class = to(SchoolClass, 'appointments', null=True)
    starts = DateField()
    ends = DateField(null=True)
    order_no = CharField(60, default='')
    order_date = DateField(null=True)
    class Meta:
        indexes = ((('person', 'role'), False),)


class Employee(Base):
    person = to(Person, 'employee', unique=True)
    position = CharField(200, default='')
    subjects = CharField(300, default='')
    hired = DateField(null=True)
    left = DateField(null=True)


class Pupil(Base):
    person = to(Person, 'pupil', unique=True)
    file_no = CharField(40, default='')
    pe_group = CharField(15, default='main')
    pe_from = DateField(null=True)
    pe_until = DateField(null=True)
    pe_paper = CharField(200, default='')
    consent = BooleanField(null=True)
    note = CharField(300, default='')


class Guardianship(Base):
    guardian = to(Person, 'wards')
    pupil = to(Pupil, 'guardians')
    relation = CharField(30, default='')
    starts = DateField(null=True)
    ends = DateField(null=True)
    class Meta:
        indexes = ((('guardian', 'pupil'), True),)


class Movement(Base):
    pupil = to(Pupil, 'movements')
    kind = CharField(12)
    day = DateField()
    from_class = to(SchoolClass, 'left_by', null=True)
    to_class = to(SchoolClass, 'joined_by', null=True)
    place = CharField(300, default='')
    order_no = CharField(60, default='')
    order_date = DateField(null=True)
    note = CharField(300, default='')


class Enrolment(Base):
    pupil = to(Pupil, 'enrolments')
    school_class = to(SchoolClass, 'enrolments')
    starts = DateField()
    ends = DateField(null=True)
    form = CharField(20, default='')
    class Meta:
        indexes = ((('school_class', 'pupil', 'starts'), True), (('pupil', 'starts'), False))


class SubgroupSet(Base):
    school_class = to(SchoolClass, 'subgroup_sets')
    name = CharField(100)
    class Meta:
        indexes = ((('school_class', 'name'), True),)


class Unit(Base):
    year = to(Year, 'units')
    kind = CharField(10, default='class')
    name = CharField(80)
    school_class = to(SchoolClass, 'units', null=True)
    subgroup_set = to(SubgroupSet, 'subgroups', null=True)
    number = IntegerField(null=True)
    class Meta:
        indexes = ((('year', 'name'), True),)


class UnitMember(Base):
    unit = to(Unit, 'members')
    pupil = to(Pupil, 'unit_memberships')
    starts = DateField()
    ends = DateField(null=True)
    class Meta:
        indexes = ((('unit', 'pupil', 'starts'), True), (('pupil',), False))


class CurriculumLine(Base):
    school_class = to(SchoolClass, 'curriculum')
    subject = to(Subject, 'curriculum')
    weekly_hours = DecimalField(5, 2)
    weeks = IntegerField(default=34)
    year_hours = DecimalField(6, 2, null=True)
    component = CharField(100, default='')
    class Meta:
        indexes = ((('school_class', 'subject', 'component'), True),)


class Plan(Base):
    year = to(Year, 'plans')
    subject = to(Subject, 'plans')
    grade = IntegerField()
    name = CharField(200)
    author = to(Person, 'plans', null=True)
    source = CharField(300, default='')
    shared = BooleanField(default=True)
    approved_at = Moment(null=True)
    approved_by = to(Person, 'approved_plans', null=True)


class PlanTopic(Base):
    plan = to(Plan, 'topics', on_delete='CASCADE')
    number = IntegerField()
    section = CharField(300, default='')
    topic = CharField(500)
    hours = DecimalField(4, 1, default=1)
    work_kind = CharField(10, default='')
    homework = CharField(500, default='')
    class Meta:
        indexes = ((('plan', 'number'), False),)


class Course(Base):
    unit = to(Unit, 'courses')
    subject = to(Subject, 'courses')
    weekly_hours = DecimalField(5, 2, default=0)
    plan = to(Plan, 'courses', null=True)
    grading = CharField(10, default='')
    exam_received_at = Moment(null=True)
    class Meta:
        indexes = ((('unit', 'subject'), True),)


class PlanCorrection(Base):
    course = to(Course, 'plan_corrections')
    topic = to(PlanTopic, 'corrections', on_delete='CASCADE')
    hours = DecimalField(4, 1)
    joined_to = to(PlanTopic, 'joined', null=True, on_delete='CASCADE')
    reason = CharField(300)
    author = to(Person, 'plan_corrections', null=True)
    at = Moment()
    class Meta:
        indexes = ((('course', 'topic'), True), (('topic',), False))


class PlanDate(Base):
    course = to(Course, 'plan_dates', on_delete='CASCADE')
    topic = to(PlanTopic, 'plan_dates', on_delete='CASCADE')
    starts = DateField()
    ends = DateField()
    class Meta:
        indexes = ((('course', 'topic'), True), (('topic',), False))


class Assignment(Base):
    course = to(Course, 'assignments')
    teacher = to(Person, 'assignments')
    starts = DateField()
    ends = DateField(null=True)
    hours = DecimalField(5, 2, default=0)
    order_no = CharField(60, default='')
    class Meta:
        indexes = ((('course', 'teacher', 'starts'), True), (('teacher',), False))


class Timetable(Base):
    year = to(Year, 'timetables')
    name = CharField(150)
    starts = DateField()
    ends = DateField()
    published_at = Moment(null=True)


class Slot(Base):
    timetable = to(Timetable, 'slots', on_delete='CASCADE')
    course = to(Course, 'slots')
    teacher = to(Person, 'slots', null=True)
    weekday = IntegerField()
    number = IntegerField()
    room = to(Room, 'slots', null=True)
    week = CharField(5, default='every')
    class Meta:
        indexes = ((('timetable', 'course', 'weekday', 'number', 'week'), True),)


class WorkKind(Base):
    code = CharField(10, unique=True)
    name = CharField(80)
    weight = IntegerField(default=1)
    deadline = CharField(10, default='lesson')
    for_everyone = BooleanField(default=False)
    position = IntegerField(default=0)
    active = BooleanField(default=True)


class KindWeight(Base):
    kind = to(WorkKind, 'weights')
    subject = to(Subject, 'weights')
    weight = IntegerField(default=1)
    class Meta:
        indexes = ((('kind', 'subject'), True),)


class AbsenceCode(Base):
    code = CharField(5, unique=True)
    name = CharField(80)
    meaning = CharField(12, default='excused')
    missed = BooleanField(default=True)
    document = BooleanField(default=False)
    key = CharField(1, default='')
    position = IntegerField(default=0)
    active = BooleanField(default=True)


class MarkScale(Base):
    name = CharField(60, unique=True)
    marks = JSONField()
    averaged = BooleanField(default=True)


class Lesson(Base):
    course = to(Course, 'lessons')
    day = DateField()
    number = IntegerField()
    starts = TimeField(null=True)
    ends = TimeField(null=True)
    teacher = to(Person, 'lessons', null=True)
    room = to(Room, 'lessons', null=True)
    slot = to(Slot, 'lessons', null=True, on_delete='SET NULL')
    by_hand = BooleanField(default=True)
    state = CharField(10, default='planned')
    reason = CharField(200, default='')
    distance = BooleanField(default=False)
    hours = IntegerField(default=1)
    kind = to(WorkKind, 'lessons', null=True)
    work_topic = CharField(300, default='')
    received_at = Moment(null=True)
    topic = CharField(500, default='')
    plan_topic = to(PlanTopic, 'lessons', null=True, on_delete='SET NULL')
    topic_at = Moment(null=True)
    topic_late = BooleanField(default=False)
    topic_rule = CharField(60, default='')
    topic_clause = CharField(40, default='')
    topic_regulation = IntegerField(null=True)
    attendance_at = Moment(null=True)
    attendance_by = to(Person, 'attendance_taken', null=True)
    attendance_late = BooleanField(default=False)
    attendance_rule = CharField(60, default='')
    attendance_clause = CharField(40, default='')
    attendance_regulation = IntegerField(null=True)
    class Meta:
        indexes = ((('course', 'day', 'number'), True), (('day', 'teacher'), False), (('teacher', 'day'), False))


class Work(Base):
    lesson = to(Lesson, 'works')
    kind = to(WorkKind, 'works')
    weight = IntegerField(null=True)
    for_everyone = BooleanField(null=True)
    title = CharField(300, default='')
    position = IntegerField(default=1)
    received_at = Moment(null=True)
    class Meta:
        indexes = ((('lesson', 'position'), True),)


class CellKey(Base):
    person = to(Person, 'cell_keys', on_delete='CASCADE')
    key = CharField(80)
    wrote = CharField(20, default='')
    at = Moment(index=True)
    class Meta:
        indexes = ((('person', 'key'), True),)


class Judged(Base):
    entered_at = Moment()
    typed_at = Moment(null=True)
    entered_by = to(Person, null=True)
    late = BooleanField(default=False)
    rule = CharField(60, default='')
    clause = CharField(40, default='')
    regulation = IntegerField(null=True)
    reason = CharField(300, default='')


class Protocol(Base):
    number = CharField(40)
    day = DateField()
    examiners = CharField(300, default='')


class Mark(Judged):
    lesson = to(Lesson, 'marks')
    pupil = to(Pupil, 'marks')
    work = to(Work, 'marks', null=True)
    position = IntegerField(default=1)
    value = CharField(10)
    protocol = to(Protocol, 'marks', null=True)
    due = DateField(null=True)
    class Meta:
        indexes = ((('pupil', 'lesson'), False), SQL('CREATE UNIQUE INDEX mark_cell ON mark (lesson_id, pupil_id, COALESCE(work_id, 0), position)'))


class Absence(Judged):
    lesson = to(Lesson, 'absences')
    pupil = to(Pupil, 'absences')
    code = CharField(5)
    minutes = IntegerField(null=True)
    document = CharField(200, default='')
    class Meta:
        indexes = ((('lesson', 'pupil'), True), (('pupil', 'lesson'), False))


class Excuse(Base):
    pupil = to(Pupil, 'excuses')
    code = CharField(5)
    document = CharField(200)
    starts = DateField()
    ends = DateField()
    class Meta:
        indexes = ((('pupil', 'starts'), False),)


class Remark(Base):
    lesson = to(Lesson, 'remarks')
    pupil = to(Pupil, 'remarks')
    text = CharField(500)
    author = to(Person, 'remarks')
    at = Moment()
    class Meta:
        indexes = ((('lesson', 'pupil'), True), (('pupil',), False))


class Homework(Judged):
    lesson = to(Lesson, 'homework')
    unit = to(Unit, 'homework', null=True)
    pupil = to(Pupil, 'homework', null=True)
    text = CharField(2000, default='')
    not_set = BooleanField(default=False)
    due = DateField(null=True)
    minutes = IntegerField(null=True)
    class Meta:
        indexes = (SQL('CREATE UNIQUE INDEX homework_cell ON homework (lesson_id, COALESCE(unit_id, 0), COALESCE(pupil_id, 0))'),)


class Attachment(Base):
    homework = to(Homework, 'attachments', on_delete='CASCADE')
    name = CharField(200)
    url = CharField(1000, default='')
    digest = CharField(64, default='')
    size = IntegerField(default=0)
    mime = CharField(100, default='')


class Material(Base):
    lesson = to(Lesson, 'materials', on_delete='CASCADE')
    name = CharField(200)
    url = CharField(1000, default='')
    digest = CharField(64, default='')
    size = IntegerField(default=0)
    mime = CharField(100, default='')
    test = BooleanField(default=False)


class Substitution(Base):
    lesson = to(Lesson, 'substitutions', unique=True)
    absent = to(Person, 'substituted', null=True)
    substitute = to(Person, 'substitutions')
    kind = CharField(20, default='same_subject')
    reason = CharField(200, default='')
    paid = BooleanField(default=True)
    order_no = CharField(60, default='')
    note = CharField(1000, default='')
    recorded_at = Moment(null=True)
    class Meta:
        indexes = ((('substitute',), False),)


class ResultOrder(Base):
    year = to(Year, 'result_orders')
    kind = CharField(6, default='period')
    period = to(Period, 'result_orders', null=True)
    school_class = to(SchoolClass, 'result_orders', null=True)
    until = DateField()
    order_no = CharField(60, default='')
    order_date = DateField(null=True)
    class Meta:
        indexes = (SQL('CREATE UNIQUE INDEX result_order_place ON result_order (year_id, kind, COALESCE(period_id, 0), COALESCE(school_class_id, 0))'),)


class PeriodMark(Judged):
    course = to(Course, 'period_marks')
    pupil = to(Pupil, 'period_marks')
    kind = CharField(6, default='period')
    period = to(Period, 'marks', null=True)
    value = CharField(12)
    computed = CharField(12, default='')
    average = CharField(20, default='')
    class Meta:
        indexes = ((('pupil',), False), SQL('CREATE UNIQUE INDEX period_mark_cell ON period_mark (course_id, pupil_id, kind, COALESCE(period_id, 0))'))


class Deferral(Base):
    mark = to(PeriodMark, 'deferrals', unique=True, on_delete='CASCADE')
    until = DateField(index=True)
    reason = CharField(300, default='')
    paper = CharField(200, default='')
    given_by = to(Person, 'deferrals', null=True)
    given_at = Moment()


class PeriodClosure(Base):
    period = to(Period, 'closures')
    school_class = to(SchoolClass, 'closures')
    closed_at = Moment()
    closed_by = to(Person, 'closures', null=True)
    role = CharField(4, default='')
    reason = CharField(300, default='')
    entries = IntegerField(default=0)
    digest = CharField(64, default='')
    left = CharField(200, default='')
    reopened_at = Moment(null=True)
    reopened_by = to(Person, 'reopenings', null=True)
    reopen_reason = CharField(300, default='')
    reopen_paper = CharField(200, default='')
    reopened_until = Moment(null=True)
    closed_again_at = Moment(null=True)
    class Meta:
        indexes = ((('school_class', 'period'), False),)


class ResultHold(Base):
    period = to(Period, 'holds')
    school_class = to(SchoolClass, 'holds')
    set_at = Moment()
    set_by = to(Person, 'holds', null=True)
    reason = CharField(300, default='')
    lifted_at = Moment(null=True)
    lifted_by = to(Person, 'holds_lifted', null=True)
    class Meta:
        indexes = (SQL('CREATE UNIQUE INDEX result_hold_place ON result_hold (school_class_id, period_id) WHERE lifted_at IS NULL'),)


class JournalSignature(Base):
    course = to(Course, 'signatures')
    period = to(Period, 'signatures')
    person = to(Person, 'signatures')
    signed_at = Moment()
    entries = IntegerField()
    digest = CharField(64)
    class Meta:
        indexes = ((('period', 'course'), False),)


class Invitation(Base):
    person = to(Person, 'invitations')
    digest = CharField(64, unique=True)
    nonce = CharField(32)
    issued_at = Moment()
    issued_by = to(Person, 'issued_invitations', null=True)
    expires = DateField()
    used_at = Moment(null=True)
    revoked_at = Moment(null=True)


class CredentialIssue(Base):
    person = to(Person, 'credential_issues')
    login = CharField(60)
    kind = CharField(12)
    issued_at = Moment()
    issued_by = to(Person, 'issued_credentials', null=True)


class ConfidentialityRules(Base):
    number = IntegerField(unique=True)
    text = TextField()
    made_at = Moment()
    made_by = to(Person, 'confidentiality_rules', null=True)


class RulesAcceptance(Base):
    rules = to(ConfidentialityRules, 'acceptances')
    account = to(Account, 'acceptances')
    at = Moment()
    address = CharField(60, default='')
    class Meta:
        indexes = ((('account', 'rules'), True),)


class SignInOverlap(Base):
    account = to(Account, 'overlaps')
    at = Moment()
    device = CharField(60)
    address = CharField(60)
    other_device = CharField(60)
    other_address = CharField(60)
    seen_at = Moment(null=True)
    class Meta:
        indexes = ((('account', 'seen_at'), False),)


class Regulation(Base):
    name = CharField(200)
    preset = CharField(40)
    order_no = CharField(60, default='')
    order_date = DateField(null=True)


class RegulationVersion(Base):
    regulation = to(Regulation, 'versions')
    number = IntegerField()
    starts = DateField()
    values = JSONField(column_name='rule_values')
    order_no = CharField(60, default='')
    order_date = DateField(null=True)
    note = CharField(300, default='')
    created_by = to(Person, 'regulation_versions', null=True)
    created_at = Moment()


class RegulationDraft(Base):
    key = CharField(60, unique=True)
    parts = JSONField()
    person = to(Person, 'regulation_drafts', null=True)
    at = Moment()


class RegulationReading(Base):
    regulation = to(Regulation, 'readings')
    key = CharField(60)
    title = CharField(300)
    person = to(Person, 'regulation_readings', null=True)
    at = Moment()
    class Meta:
        indexes = ((('regulation', 'key'), True),)


class ListRequest(Base):
    school_class = to(SchoolClass, 'list_requests')
    pupil = to(Pupil, 'list_requests', null=True)
    text = CharField(1000)
    asked_by = to(Person, 'list_requests')
    asked_at = Moment()
    state = CharField(8, default='asked')
    answer = CharField(500, default='')
    answered_by = to(Person, 'list_answers', null=True)
    answered_at = Moment(null=True)
    class Meta:
        indexes = ((('state', 'id'), False),)


class Correction(Base):
    year = to(Year, 'corrections')
    number = IntegerField()
    course = to(Course, 'corrections')
    asked_by = to(Person, 'corrections')
    asked_at = Moment()
    reason = CharField(500)
    withdrawn_at = Moment(null=True)
    class Meta:
        indexes = ((('year', 'number'), True),)


class CorrectionDecision(Base):
    correction = to(Correction, 'decisions', unique=True)
    allowed = BooleanField()
    by = to(Person, 'corrections_decided')
    at = Moment()
    until = Moment(null=True)
    note = CharField(500, default='')


class CorrectionCell(Base):
    correction = to(Correction, 'cells')
    what = CharField(10)
    lesson = to(Lesson, 'corrections', null=True)
    work = to(Work, 'corrections', null=True)
    pupil = to(Pupil, 'corrections', null=True)
    kind = CharField(6, default='')
    period = to(Period, 'corrections', null=True)
    before = TextField(default='')
    wanted = TextField(default='')
    rule = CharField(60, default='')
    clause = CharField(40, default='')
    after = TextField(default='')
    mended_at = Moment(null=True)


class Notice(Base):
    person = to(Person, 'notices')
    topic = CharField(20)
    said = TextField()
    url = CharField(300, default='')
    created_at = Moment()
    read_at = Moment(null=True)
    class Meta:
        indexes = ((('person', 'read_at'), False),)


class Confirmation(Base):
    kind = CharField(12)
    person = to(Person, 'confirmations')
    role = CharField(4)
    school_class = to(SchoolClass, 'confirmations', null=True)
    course = to(Course, 'confirmations', null=True)
    period = to(Period, 'confirmations', null=True)
    day = DateField()
    at = Moment()
    note = CharField(500, default='')
    class Meta:
        indexes = ((('kind', 'day'), False),)


class JournalRemark(Base):
    author = to(Person, 'journal_remarks_made')
    person = to(Person, 'journal_remarks')
    school_class = to(SchoolClass, 'journal_remarks', null=True)
    course = to(Course, 'journal_remarks', null=True)
    lesson = to(Lesson, 'journal_remarks', null=True, on_delete='SET NULL')
    pupil = to(Pupil, 'journal_remarks', null=True)
    text = CharField(1000)
    due = DateField(null=True)
    at = Moment()
    answer = CharField(1000, default='')
    answered_at = Moment(null=True)
    reply = CharField(1000, default='')
    closed_at = Moment(null=True)
    closed_by = to(Person, 'journal_remarks_closed', null=True)
    class Meta:
        indexes = ((('person', 'closed_at'), False), (('author', 'closed_at'), False))


class Training(Base):
    day = DateField()
    theme = CharField(300)
    leader = CharField(200, default='')


class TrainingVisit(Base):
    training = to(Training, 'visits')
    person = to(Person, 'trainings')
    class Meta:
        indexes = ((('training', 'person'), True),)


class Ticket(Base):
    kind = CharField(8)
    text = CharField(1000)
    page = CharField(300, default='')
    asked_by = to(Person, 'tickets')
    asked_at = Moment()
    state = CharField(8, default='new')
    since = Moment()
    answered_at = Moment(null=True)
    class Meta:
        indexes = ((('state', 'since'), False),)


class TicketStep(Base):
    ticket = to(Ticket, 'steps')
    what = CharField(8)
    text = CharField(1000, default='')
    by = to(Person, 'ticket_steps', null=True)
    at = Moment()


class Paper(Base):
    kind = CharField(8)
    whom = CharField(4, default='')
    title = CharField(300)
    text = TextField(default='')
    file_name = CharField(200, default='')
    digest = CharField(64, default='')
    mime = CharField(100, default='')
    drawn_by = to(Person, 'papers_drawn')
    drawn_at = Moment()
    order_no = CharField(100, default='')
    order_date = DateField(null=True)
    approved_by = to(Person, 'papers_approved', null=True)
    approved_at = Moment(null=True)
    published_by = to(Person, 'papers_published', null=True)
    published_at = Moment(null=True)
    ended_by = to(Person, 'papers_ended', null=True)
    ended_at = Moment(null=True)


class Resource(Base):
    title = CharField(200)
    url = CharField(1000)
    note = CharField(300, default='')
    subject = to(Subject, 'resources', null=True)
    grade = IntegerField(null=True)
    whom = CharField(6, default='')


class Outage(Base):
    planned = BooleanField(default=False)
    state = CharField(8, default='kept')
    starts = Moment()
    ends = Moment(null=True)
    cause = CharField(300, default='')
    measures = CharField(1000, default='')
    noted_by = to(Person, 'outages', null=True)
    noted_at = Moment()


class PortfolioItem(Base):
    person = to(Person, 'portfolio')
    kind = CharField(10, default='other')
    title = CharField(200)
    text = CharField(2000, default='')
    day = DateField(null=True)
    name = CharField(200, default='')
    url = CharField(1000, default='')
    digest = CharField(64, default='')
    size = IntegerField(default=0)
    mime = CharField(100, default='')


class PortfolioReader(Base):
    item = to(PortfolioItem, 'readers', on_delete='CASCADE')
    person = to(Person, 'portfolio_read')
    class Meta:
        indexes = ((('item', 'person'), True), (('person',), False))


class Conversation(Base):
    author = to(Person, 'conversations')
    person = to(Person, 'conversations_with', null=True)
    school_class = to(SchoolClass, 'conversations', null=True)
    course = to(Course, 'conversations', null=True)
    whom = CharField(10, default='')
    discussion = BooleanField(default=False)
    answers = to('self', 'answered_in', null=True)
    pupil = to(Pupil, 'conversations', null=True)
    lesson = to(Lesson, 'conversations', null=True, on_delete='SET NULL')
    at = Moment()
    class Meta:
        indexes = ((('author',), False),)


class Message(Base):
    conversation = to(Conversation, 'messages')
    author = to(Person, 'messages')
    text = TextField()
    digest = CharField(64)
    at = Moment()
    class Meta:
        indexes = ((('conversation',), False), (('author', 'at'), False))


class Receipt(Base):
    message = to(Message, 'receipts')
    person = to(Person, 'receipts')
    read_at = Moment(null=True)
    class Meta:
        indexes = ((('message', 'person'), True), (('person', 'read_at'), False))


class Announcement(Base):
    author = to(Person, 'announcements')
    school_class = to(SchoolClass, 'announcements', null=True)
    course = to(Course, 'announcements', null=True)
    grade = IntegerField(null=True)
    whom = CharField(10)
    text = CharField(2000)
    starts = DateField()
    ends = DateField()
    at = Moment()
    withdrawn_at = Moment(null=True)
    class Meta:
        indexes = ((('ends', 'starts'), False),)


class AnnouncementReading(Base):
    announcement = to(Announcement, 'readings')
    person = to(Person, 'announcement_readings')
    at = Moment()
    class Meta:
        indexes = ((('announcement', 'person'), True),)


class PupilAlert(Base):
    pupil = to(Pupil, 'alerts')
    course = to(Course, 'alerts')
    kind = CharField(8)
    period = to(Period, 'alerts', null=True)
    made_at = Moment()
    average = CharField(10, default='')
    marks = IntegerField(default=0)
    lessons = JSONField(default=list)
    clause = CharField(40, default='')
    recovered_at = Moment(null=True)
    class Meta:
        indexes = ((('course', 'kind'), False), (('pupil',), False))


class AlertTold(Base):
    alert = to(PupilAlert, 'tellings')
    whom = CharField(3)
    how = CharField(8)
    day = DateField()
    person = to(Person, 'told_alerts')
    at = Moment()
    note = CharField(300, default='')
    class Meta:
        indexes = ((('alert', 'whom'), True),)


class ActivityReport(Base):
    first = DateField(unique=True)
    last = DateField()
    made_at = Moment()
    pdf = CharField(64)
    xlsx = CharField(64)


class Backup(Base):
    at = Moment()
    who = CharField(200)
    person = to(Person, 'backups', null=True)
    medium = CharField(100, default='')
    day = DateField()
    file = CharField(300, default='')
    size = BigIntegerField(default=0)
    digest = CharField(64, default='')
    note = CharField(300, default='')


class Breach(Base):
    reported_at = Moment()
    reported_by = to(Person, 'reported_breaches', null=True)
    reporter = CharField(200)
    role = CharField(100, default='')
    contact = CharField(200, default='')
    said_account = CharField(100, default='')
    account = to(Account, 'breaches', null=True)
    discovered_at = Moment()
    began_at = Moment(null=True)
    began_known = BooleanField(default=False)
    kind = CharField(10, default='other')
    story = CharField(2000)
    data = CharField(1000, default='')
    measures = CharField(1000, default='')
    personal = BooleanField(default=False)
    regulation = IntegerField(null=True)
    confirmed_at = Moment(null=True)
    confirmed_by = to(Person, 'confirmed_breaches', null=True)
    declined_at = Moment(null=True)
    declined_by = to(Person, 'declined_breaches', null=True)
    decline_reason = CharField(300, default='')
    restored_at = Moment(null=True)
    restored_by = to(Person, 'restored_breaches', null=True)
    suspended_by = IntegerField(null=True)
    class Meta:
        indexes = ((('account', 'restored_at'), False),)


class BreachNotice(Base):
    breach = to(Breach, 'notices')
    whom = CharField(10)
    told_at = Moment()
    paper = CharField(100, default='')
    late = BooleanField(default=False)
    clause = CharField(40, default='')
    registered_at = Moment()
    registered_by = to(Person, 'registered_breach_notices', null=True)
    class Meta:
        indexes = ((('breach', 'whom'), True),)


class BreachOperation(Base):
    breach = to(Breach, 'operations')
    phase = CharField(6)
    act = IntegerField()
    at = Moment()
    what = CharField(20)
    subject = CharField(300, default='')
    course = IntegerField(null=True)
    lesson = IntegerField(null=True)
    old = CharField(500, default='')
    new = CharField(500, default='')
    restored = CharField(500, default='')
    state = CharField(6)
    link = CharField(200, default='')
    decision = CharField(5, default='')
    decided_at = Moment(null=True)
    decided_by = to(Person, 'breach_decisions', null=True)


class BreachAct(Base):
    breach = to(Breach, 'acts', unique=True)
    number = CharField(40)
    day = DateField()
    place = CharField(200, default='')
    order_no = CharField(100, default='')
    chair = CharField(200)
    members = CharField(1000)
    findings = CharField(2000, default='')
    measures = CharField(1000, default='')
    drawn_at = Moment()
    drawn_by = to(Person, 'drawn_breach_acts', null=True)
    approved_at = Moment(null=True)
    approved_by = to(Person, 'approved_breach_acts', null=True)
    copy_name = CharField(200, default='')
    copy_digest = CharField(64, default='')
    copy_mime = CharField(100, default='')


class ImportRun(Base):
    at = Moment()
    by_person = to(Person, 'imports', null=True)
    files = JSONField()
    report = JSONField()
    act = IntegerField(null=True)
    undone_at = Moment(null=True)


class Act(Base):
    seq = IntegerField(null=True, unique=True)
    at = CharField(40)
    person_id = IntegerField(null=True)
    account_id = IntegerField(null=True)
    who = CharField(300)
    via = CharField(20)
    address = CharField(60)
    why = CharField(500)
    seal = CharField(64, null=True)
    class Meta:
        indexes = ((('account_id', 'at'), False), SQL('CREATE INDEX act_open ON act (id) WHERE seal IS NULL'))


class History(Base):
    id = AutoField()
    act = to(Act, 'changes')
    tbl = CharField(60)
    row_id = BigIntegerField()
    op = CharField(1)
    old = TextField(null=True)
    new = TextField(null=True)
    class Meta:
        indexes = ((('tbl', 'row_id'), False),)


class LoginSession(Base):
    account = to(Account, 'sessions', on_delete='CASCADE')
    digest = CharField(64, unique=True)
    device = CharField(32, default='', index=True)
    created_at = Moment()
    seen_at = Moment()
    confirmed_at = Moment()
    address = CharField(60)
    agent = CharField(300)
    ended_at = Moment(null=True)
    locked = BooleanField(default=False)
    foreign = BooleanField(default=False)


class LoginFailure(Base):
    key = CharField(120, unique=True)
    failures = IntegerField(default=0)
    last_at = Moment()
    until = Moment(null=True)


class AccessRecord(Base):
    at = Moment(index=True)
    person = to(Person, 'accesses', on_delete='CASCADE')
    page = CharField(60)
    pupil_id = IntegerField(null=True, index=True)
    unit_id = IntegerField(null=True)


class UseDay(Base):
    account = to(Account, 'uses', on_delete='CASCADE')
    day = DateField()
    part = CharField(12)
    class Meta:
        indexes = ((('account', 'day', 'part'), True), (('day',), False))


TABLES = [School, Year, PeriodSet, Period, Room, BellSet, Bell, Subject, SchoolClass, BellUse, Holiday, Person, Account, Appointment, Employee, Pupil, Guardianship, Movement, Enrolment, SubgroupSet, Unit, UnitMember, CurriculumLine, Plan, PlanTopic, Course, PlanCorrection, PlanDate, Assignment, Timetable, Slot, WorkKind, KindWeight, AbsenceCode, MarkScale, Lesson, Work, CellKey, Protocol, Mark, Absence, Excuse, Remark, Homework, Attachment, Material, Substitution, ResultOrder, PeriodMark, Deferral, PeriodClosure, ResultHold, JournalSignature, Invitation, CredentialIssue, ConfidentialityRules, RulesAcceptance, SignInOverlap, Regulation, RegulationVersion, RegulationDraft, RegulationReading, ListRequest, Correction, CorrectionDecision, CorrectionCell, Notice, Confirmation, JournalRemark, Training, TrainingVisit, Conversation, Message, Receipt, Announcement, AnnouncementReading, Ticket, TicketStep, Paper, Resource, Outage, PortfolioItem, PortfolioReader, PupilAlert, AlertTold, ActivityReport, Backup, Breach, BreachNotice, BreachOperation, BreachAct, ImportRun, Act, History, LoginSession, LoginFailure, AccessRecord, UseDay]

MEMBERSHIP = """CREATE VIEW membership AS
        SELECT u.id AS unit_id, e.pupil_id, e.starts, e.ends FROM unit u JOIN enrolment e ON e.school_class_id = u.school_class_id
          WHERE u.kind = 'class'
        UNION ALL SELECT unit_id, pupil_id, starts, ends FROM unit_member"""

RUSSIAN = (
    "CREATE COLLATION IF NOT EXISTS ru (provider = icu, locale = 'ru')",
    "CREATE OR REPLACE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE AS"
    " $$ SELECT translate(regexp_replace(lower(btrim(coalesce($1, ''))), '\\s+', ' ', 'g'), 'ё', 'е') $$",
)


def up(migrator, db):
    if "Postgresql" in type(getattr(db, "obj", db)).__name__:
        for statement in RUSSIAN:
            db.execute_sql(statement)
    db.bind(TABLES, bind_refs=False, bind_backrefs=False)
    db.create_tables(TABLES)
    db.execute_sql(MEMBERSHIP)
