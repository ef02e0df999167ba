"""Taking operations back (SEC-13): whole cells, in the right order, and again; whatever numbers a database has given away since."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

import models as m
import rulebook.takeback as takeback
from rulebook.entries import Entry, File
from rulebook.homework import put_homework
from rulebook.journal import put_cells
from rulebook.works import add_work
from tests import factories as f
from tests.statements import counted

START = datetime(2026, 12, 17, 10, 40)


@pytest.fixture
def s(db):
    return f.school()


class Hand:
    """Somebody who writes the algebra lesson of the day by an account of their own, a minute after each other."""

    moment = START

    def __init__(self, school, who, account):
        self.school, self.user, self.account = school, f.user(who), account
        self.who, self.lesson = who, school.lessons[f.TODAY]

    def by(self):
        Hand.moment += timedelta(minutes=1)
        return replace(f.actor(self.who, Hand.moment), account=self.account)

    def put(self, value, pupil=0, **more):
        entry = Entry(self.school.pupils[pupil].id, value, self.lesson.id, reason="опечатка", **more)
        outcome, = put_cells(self.user, self.by(), self.lesson.course_id, [entry])
        assert outcome.state in ("saved", "late"), outcome

    def homework(self, text, **more):
        assert put_homework(self.user, self.by(), self.lesson.id, text, reason="опечатка", **more).ok

    def column(self):
        decision, work = add_work(self.user, self.by(), self.lesson.id, self.school.kinds["С"].id, "Новая", "опечатка")
        assert decision.ok
        return work


@pytest.fixture
def hands(s):
    Hand.moment = START
    f.substitution(s.lessons[f.TODAY], s.substitute, s.teacher)
    return Hand(s, s.teacher, 1), Hand(s, s.substitute, 2)


def take(since=START, account=1, own=frozenset()):
    with m.writing(f.actor(at=Hand.moment + timedelta(hours=1)), "снято") as act:
        takeback.take_back(takeback.acts_of(account, f.actor(at=since).at), own)
    return act


def bring(act):
    with m.writing(f.actor(at=Hand.moment + timedelta(hours=2)), "возвращено"):
        takeback.take_back({act})


def standing():
    """Everything a lesson holds, without the numbers of rows."""
    marks = sorted((row.pupil_id, row.work_id or 0, row.position, row.value) for row in m.Mark.select())
    absences = sorted((row.pupil_id, row.code) for row in m.Absence.select())
    homework = sorted((row.text, row.not_set, sorted(file.name for file in row.attachments)) for row in m.Homework.select())
    return marks, absences, homework, sorted((row.id, row.title) for row in m.Work.select())


def test_sec_13_two_marks_of_a_cell_come_back_as_one(s, hands):
    owner, _other = hands
    owner.put("4/5")
    before, since = standing(), Hand.moment + timedelta(seconds=30)
    owner.put("2")
    act = take(since)
    assert standing() == before
    bring(act)
    assert [mark[3] for mark in standing()[0]] == ["2"]


def test_sec_13_an_absence_wiped_out_comes_back_unless_the_cell_was_written_since(s, hands):
    owner, other = hands
    owner.put("н")
    owner.put("н", 1)
    since = Hand.moment + timedelta(seconds=30)
    for pupil in range(2):
        owner.put("", pupil)
        owner.put("5", pupil)
    other.put("4", 1)
    take(since)
    assert [row.code for row in m.Absence.select()] == ["н"] and [row.value for row in m.Mark.select()] == ["4"]


def test_sec_13_homework_comes_back_with_its_files_and_goes_with_them(s, hands):
    owner, _other = hands
    owner.homework("§ 1", add=[File("план.pdf", digest="a" * 64), File("сайт", url="https://example.org")])
    before, since = standing(), Hand.moment + timedelta(seconds=30)
    owner.homework("")
    owner.homework("§ 99", add=[File("чужое.pdf", digest="b" * 64)])
    after = standing()
    act = take(since)
    assert standing() == before
    bring(act)
    assert standing() == after
    m.verify()


def test_sec_13_a_column_goes_with_its_marks_but_not_with_those_of_somebody_else(s, hands):
    owner, other = hands
    mine = owner.column()
    owner.put("5", work=mine.id)
    shared = owner.column()
    owner.put("2", work=shared.id)
    other.put("4", 1, work=shared.id)
    take()
    assert (standing()[0], [row.id for row in m.Work.select()]) == ([(s.pupils[1].id, shared.id, 1, "4")], [shared.id])


def test_sec_13_a_number_given_to_another_row_since_is_left_to_it(s, hands):
    """SQLite gives the number of the last row again once it is deleted."""
    owner, other = hands
    owner.put("4")
    since = Hand.moment + timedelta(seconds=30)
    owner.put("")
    other.put("3", 1)
    take(since)
    assert sorted((row.pupil_id, row.value) for row in m.Mark.select()) == [(s.pupils[0].id, "4"), (s.pupils[1].id, "3")]
    m.verify()


def test_sec_13_a_period_mark_put_off_comes_back_with_its_paper(s, hands):
    """A closed period is no obstacle: the act is the ground."""
    owner, _other = hands
    place = {"course": s.course.id, "pupil": s.pupils[0].id, "kind": "period", "period": s.periods[1].id}
    with m.writing(owner.by()):
        mark = m.PeriodMark.create(**place, value="отсрочка", entered_at=Hand.moment)
        m.Deferral.create(mark=mark, until=f.TODAY, reason="болезнь", given_at=f.actor().at)
    since = Hand.moment + timedelta(seconds=30)
    with m.writing(owner.by()):
        m.PeriodMark.delete().execute()
    with m.writing(owner.by()):
        m.PeriodMark.create(**place, value="2", entered_at=Hand.moment)
    m.PeriodClosure.close(f.actor(s.deputy), s.periods[1], [s.school_class], "приказ 7")
    take(since)
    assert [(row.value, row.deferrals.get().reason) for row in m.PeriodMark.select()] == [("отсрочка", "болезнь")]
    m.verify()


@pytest.mark.parametrize("seed", range(12))
def test_sec_13_whoever_wrote_last_decides_in_any_order(s, hands, seed):
    """Each cell holds what stood before the newest run of taken operations; brought back, everything is as it was."""
    chance, expected, trail = random.Random(seed), {}, {}
    values = ["2", "3", "5", "4/5", ""]
    for _ in range(chance.randint(3, 12)):
        who, pupil, value = chance.randint(0, 1), chance.randint(0, 2), chance.choice(values)
        was = trail.get(pupil, [("", 1)])[-1][0]
        if value == was:
            continue
        hands[who].put(value, pupil)
        trail.setdefault(pupil, [("", 1)]).append((value, who))
    for pupil, steps in trail.items():
        kept = list(steps)
        while kept[-1][1] == 0:
            kept.pop()
        expected[pupil] = kept[-1][0]
    before = standing()
    act = take()
    assert {pupil: shown(s.pupils[pupil].id) for pupil in trail} == expected
    bring(act)
    assert standing() == before
    m.verify()


def shown(pupil):
    return "/".join(value for value, in m.Mark.select(m.Mark.value).where(m.Mark.pupil == pupil).order_by(m.Mark.position).tuples())


def test_sec_13_the_number_of_statements_does_not_grow(db):
    school = f.school(30)
    hand = Hand(school, school.teacher, 1)
    for pupil in range(2):
        hand.put("2", pupil)
    with counted() as few:
        take()
    for pupil in range(28):
        hand.put("2", pupil)
    with counted() as many:
        take(Hand.moment - timedelta(minutes=29))
    assert len(many) <= len(few) + 2 < 30
