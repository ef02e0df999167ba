"""Taking operations back: cells of the journal return to the last valid value, and come again if that is undone (SEC-13).

History knows every change with its account. To take the operations of some acts back is itself a written, attributed change of the
journal: the rows go to what stood before, so that averages, diaries and reports are right without a filter in any of them, and the
history of a cell shows the operation, its taking back and the ground for it. Only the newest changes of a cell are taken back: where
somebody else has written in it since, that later valid change stands. A cell is what people see as one: all marks of a pupil for a
work, the homework with its files, the topic of a lesson. The number of statements does not grow with the operations.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from peewee import SQL, BooleanField, DateField, DateTimeField, ForeignKeyField, TimeField, chunked, fn

import clock
import models as m

TABLES = {model._meta.table_name: model for model in (
    m.Work, m.Homework, m.PeriodMark, m.Mark, m.Absence, m.Remark, m.Attachment, m.Deferral, m.Lesson)}  # owners before their parts
PARTS = {"attachment": ("homework", "homework_id"), "deferral": ("period_mark", "mark_id")}  # belong to the cell of a row
ASPECTS = {  # a lesson holds two cells of its own; its day, number and teacher are timetable
    "topic": ("topic", "work_topic", "kind_id", "plan_topic_id", "received_at", "topic_at", "topic_late", "topic_rule", "topic_clause",
              "topic_regulation", "distance"),
    "attendance": ("attendance_at", "attendance_by_id", "attendance_late", "attendance_rule", "attendance_clause",
                   "attendance_regulation")}
CELLS = {"mark": ("lesson_id", "pupil_id", "work_id"), "absence": ("lesson_id", "pupil_id"), "remark": ("lesson_id", "pupil_id"),
         "homework": ("lesson_id", "unit_id", "pupil_id"), "period_mark": ("course_id", "pupil_id", "kind", "period_id"),
         "work": ("id",)}
QUIET = {"notice", "protocol", "substitution", "cell_key", "breach", "breach_notice", "breach_operation", "breach_act",
         "lesson", "deferral", "conversation", "receipt", "announcement_reading"}  # what goes along with an operation
PART_OF_IN = 500
GROUND = "Нарушение конфиденциальности"  # how the reason of every such act begins, as history shows it


@dataclass(frozen=True)
class Change:
    """One change of history: images hold database values by column, `key` names the cell, `columns` limits a lesson to one."""

    id: int
    act: int
    at: datetime
    table: str
    row: int
    key: tuple
    before: dict | None
    after: dict | None
    columns: tuple = ()


@dataclass(frozen=True)
class Taken:
    """What was taken back: cell → rows as they stand now (one of None is gone); `kept`: cells left alone."""

    cells: dict[tuple, list[dict | None]]
    kept: frozenset


def acts_of(account: int, since: datetime, until: datetime | None = None) -> list[int]:
    """Acts of the account from a moment to another (not included), without those by which a breach itself was reported or handled."""
    own = m.History.select(m.History.act).where(m.History.tbl == "breach")
    when = m.Act.at >= _stored(since)
    if until is not None:
        when = when & (m.Act.at < _stored(until))
    return [act for act, in m.Act.select(m.Act.id).where(
        (m.Act.account_id == account) & when & m.Act.id.not_in(own)).order_by(m.Act.id).tuples()]


def changes_of(acts) -> tuple[list[Change], list[tuple[int, datetime, str, int, str, dict | None, dict | None]]]:
    """(changes of cells, oldest first; (act, at, table, row, op, old, new) of everything else these acts wrote)."""
    acts, others = set(acts), []
    for part in chunked(sorted(acts), PART_OF_IN):
        rows = m.History.select(m.History.act, m.Act.at, m.History.tbl, m.History.row_id, m.History.op, m.History.old, m.History.new).join(
            m.Act).where(m.History.act.in_(part) & m.History.tbl.not_in([*TABLES, *QUIET])).order_by(m.History.id)
        others += [(act, datetime.fromisoformat(at), table, row, op, *(image and json.loads(image) for image in images))
                   for act, at, table, row, op, *images in rows.tuples()]
    found = [change for change in _walk(acts, alone=True) if change.act in acts]
    return found[::-1], others


def take_back(acts, own: set[int] = frozenset()) -> Taken:
    """Return the cells that these acts changed last to what stood before; inside `writing`. Acts in `own` (of the case itself) are
    no later change."""
    acts, blocked = set(acts), set()
    run: dict[tuple, dict] = defaultdict(dict)   # cell → row → (table, image to return to, columns)
    wanted: dict[tuple, dict] = {}
    kept = set()
    for change in _walk(acts):
        if change.act not in acts and change.act not in own:
            blocked.update(_covered(change.key))
        elif change.key in blocked:
            kept |= {change.key} if change.act in acts else set()
        else:
            run[change.key][change.table, change.row] = (change.before, change.columns)
            if change.act in acts:
                wanted[change.key] = dict(run[change.key])
    return Taken(_write(wanted), frozenset(kept - wanted.keys()))


# ---- history, backwards ----

def _walk(acts, alone: bool = False):
    """Every change of a cell since the first of these acts, newest first; if `alone`, of the rows only that they touched."""
    touched = {(table, row): number for part in chunked(sorted(acts), PART_OF_IN) for table, row, number in m.History.select(
        m.History.tbl, m.History.row_id, fn.MIN(m.History.id)).where(
        m.History.act.in_(part) & m.History.tbl.in_(list(TABLES))).group_by(m.History.tbl, m.History.row_id).tuples()}
    if not touched:
        return
    changes = m.History.select(m.History.id, m.History.act, m.Act.at, m.History.tbl, m.History.row_id, m.History.op, m.History.old,
                               m.History.new).join(m.Act).where(m.History.id >= min(touched.values()))
    if alone:
        rows = sorted((row for table in TABLES for part in chunked([row for name, row in touched if name == table], PART_OF_IN)
                       for row in changes.where((m.History.tbl == table) & m.History.row_id.in_(part)).tuples()), reverse=True)
    else:
        rows = list(changes.where(m.History.tbl.in_(list(TABLES))).order_by(m.History.id.desc()).tuples())
    images = _present({(table, row) for _id, _act, _at, table, row, *_rest in rows})
    owners = _owners(rows, images)
    for number, act, at, table, row, op, old, new in rows:
        after = images.get((table, row))
        before = None if op == "I" else {**(after or {}), **_image(table, old)}
        if op == "I":
            after = after or _image(table, new)
        images[table, row] = before
        moment = datetime.fromisoformat(at)
        for key, columns in _cells_of(table, row, op, before or after, json.loads(new or "{}"), owners):
            yield Change(number, act, moment, table, row, key, before, None if op == "D" else after, columns)


def _cells_of(table, row, op, image, changed, owners):
    """(key, columns) of the cells a change belongs to; of a lesson only its two own cells, and never its coming and going."""
    if table == "lesson":
        return [((name, row), columns) for name, columns in ASPECTS.items() if op == "U" and not changed.keys().isdisjoint(columns)]
    if table in PARTS:
        owner, column = PARTS[table]
        return [(owners.get((owner, image[column]), (table, row)), ())]
    return [((table, *(row if column == "id" else image.get(column) for column in CELLS[table])), ())]


def _covered(key: tuple) -> tuple:
    """The cells that a later change speaks for: who writes a mark in the lesson's own column writes the cell with its absence."""
    return (key, ("absence", *key[1:3])) if key[0] == "mark" and key[3] is None else (key,)


def _owners(rows, images) -> dict[tuple, tuple]:
    """(table, row) of homework and period marks → their cell, for the parts that hang on them."""
    found = {}
    told = [(table, row, _image(table, new if op == "I" else old)) for _id, _act, _at, table, row, op, old, new in rows if op != "U"]
    parents = {(PARTS[table][0], image[PARTS[table][1]]) for (table, _row), image in images.items() if image and table in PARTS}
    parents |= {(PARTS[table][0], image[PARTS[table][1]]) for table, _row, image in told if table in PARTS}
    standing = [(*place, image) for place, image in {**_present(parents - images.keys()), **images}.items() if image]
    for table, row, image in (*told, *standing):
        if table in ("homework", "period_mark"):
            found[table, row] = (table, *(image.get(column) for column in CELLS[table]))
    return found


def _present(places) -> dict[tuple, dict]:
    """(table, row) → the row as it stands."""
    by_table = defaultdict(list)
    for table, row in places:
        by_table[table].append(row)
    found = {}
    for table, ids in by_table.items():
        model = TABLES[table]
        columns = [field.column_name for field in model._meta.sorted_fields]
        for part in chunked(sorted(ids), PART_OF_IN):
            for values in model.select(*model._meta.sorted_fields).where(model.id.in_(part)).tuples():
                image = dict(zip(columns, values, strict=True))
                found[table, image["id"]] = image
    return found


def _image(table: str, text: str | None) -> dict:
    """Columns of a change as values of the database; whole rows leave out what is empty."""
    fields = {field.column_name: field for field in TABLES[table]._meta.sorted_fields}
    return {name: _typed(fields[name], value) for name, value in json.loads(text or "{}").items() if name in fields}


def _typed(field, value):
    if value is None or isinstance(field, ForeignKeyField):
        return value
    if isinstance(field, DateTimeField):
        return field.python_value(value.replace("T", " "))
    return field.python_value(value) if isinstance(field, (DateField, TimeField, BooleanField)) else value


def _stored(moment: datetime) -> str:
    """A moment as acts keep it, to compare with."""
    return moment.astimezone(UTC).isoformat()


# ---- writing ----

def _write(wanted: dict[tuple, dict]) -> dict[tuple, list]:
    """Bring the rows of these cells to the wanted images; what of it could be done. Cells whose lesson or column has gone stay."""
    standing = _present({place for rows in wanted.values() for place in rows})
    ground = _ground(wanted)
    gone, changes, back, done = [], defaultdict(list), [], {}
    for key, rows in wanted.items():
        if not all(_has_ground(image, ground) for image, _columns in rows.values()):
            continue
        done[key] = [image for image, _columns in rows.values()]
        for place, (image, columns) in rows.items():
            present = standing.get(place) if _is_of(key, place, standing.get(place)) else None
            if image is None:
                gone += [place] if present else []
            elif present is None:
                back.append((place, image))
            else:
                names = tuple(name for name in columns or present if image.get(name) != present[name])
                changes[place[0], names].append((*(image.get(name) for name in names), place[1]))
    _delete(gone)
    for (table, names), rows in changes.items():
        fields = {field.column_name: field for field in TABLES[table]._meta.sorted_fields}
        m.update_rows(TABLES[table], [fields[name] for name in names], rows if names else [])
    _insert(back)
    return done


def _is_of(key: tuple, place: tuple, image: dict | None) -> bool:
    """Is the row still one of this cell? A database may give the number of a deleted row to another."""
    columns = CELLS.get(place[0], ("id",))
    return image is not None and (key[0] != place[0] or columns == ("id",) or key[1:] == tuple(image[column] for column in columns))


_GROUND = {"lesson_id": m.Lesson, "work_id": m.Work, "plan_topic_id": m.PlanTopic}


def _ground(wanted: dict[tuple, dict]) -> dict[str, set]:
    """Column → numbers of the lessons, columns and topics of plans that stand, or come back with the cells."""
    images = [(place, image) for rows in wanted.values() for place, (image, _columns) in rows.items() if image]
    found = {}
    for column, model in _GROUND.items():
        asked = sorted({image[column] for _place, image in images if image.get(column)})
        found[column] = {row for part in chunked(asked, PART_OF_IN) for row, in model.select(model.id).where(model.id.in_(part)).tuples()}
    found["work_id"] |= {row for (table, row), _image in images if table == "work"}
    return found


def _has_ground(image: dict | None, ground: dict[str, set]) -> bool:
    return image is None or all(not image.get(column) or image[column] in numbers for column, numbers in ground.items())


def _delete(places) -> None:
    by_table = defaultdict(list)
    for table, row in places:
        by_table[table].append(row)
    for table in reversed(TABLES):
        model = TABLES[table]
        for part in chunked(by_table[table], PART_OF_IN):
            gone = model.id.in_(part)
            if model is m.Work:  # somebody else has given marks in the column: it stays
                gone = gone & ~fn.EXISTS(m.Mark.select(SQL("1")).where(m.Mark.work == m.Work.id))
            model.delete().where(gone).execute()


def _insert(rows) -> None:
    """Rows that were deleted, under their own numbers; a number that another row has taken since is left to it."""
    by_table, moved = defaultdict(list), {}
    for (table, row), image in rows:
        by_table[table].append((row, image))
    for table, model in TABLES.items():
        names = [field.column_name for field in model._meta.sorted_fields]
        busy = {row for part in chunked([row for row, _image in by_table[table]], PART_OF_IN)
                for row, in model.select(model.id).where(model.id.in_(part)).tuples()}
        free = []
        for row, image in by_table[table]:
            owner = PARTS.get(table) or ("work", "work_id")
            image = {**image, **({owner[1]: moved[owner[0], image[owner[1]]]} if (owner[0], image.get(owner[1])) in moved else {})}
            if row in busy:
                values = {field.name: image.get(field.column_name) for field in model._meta.sorted_fields if field.column_name != "id"}
                moved[table, row] = model.insert(**values).execute()
            else:
                free.append([image.get(name) for name in names])
        m.insert_rows(model, model._meta.sorted_fields, free)


# ---- in words ----

def words(change: Change) -> tuple[str, str, str]:
    """(what, old, new) of a change; `what` is a word of WHAT."""
    what = change.key[0] if change.table == "lesson" else change.table
    return what, *(said(what, image) for image in (change.before, change.after))


def said(what: str, image: dict | None) -> str:
    """What a row holds, in a few words of the journal; "" for none."""
    if image is None:
        return ""
    if what == "homework":
        return "не задано" if image.get("not_set") else (image.get("text") or "")
    if what == "attendance":
        at = image.get("attendance_at")
        return f"отмечена {at.astimezone(clock.zone()):%d.%m в %H:%M}" if at else ""
    column = {"mark": "value", "period_mark": "value", "absence": "code", "remark": "text", "topic": "topic", "work": "title",
              "attachment": "name", "deferral": "reason"}[what]
    return image.get(column) or ("колонка" if what == "work" else "")


def result(what: str, rows: list[dict | None]) -> str:
    """What a cell holds after taking back, of the rows of `Taken`."""
    return " / ".join(text for image in rows if image and (text := said(what, image)))
