"""One-click undo of an intake: its act is walked backwards through history, unless something has come to depend on it."""

import json

from peewee import DateField, ForeignKeyField, TimeField, chunked

import models as m
from models import N_, Refused, Text

SETTINGS = ("school", "year", "work_kind")  # stay when others have begun to use them
NAMES = {"mark": N_("marks"), "absence": N_("absences"), "lesson": N_("lessons"), "homework": N_("homework"),
         "period_mark": N_("period marks"), "account": N_("accounts"), "invitation": N_("invitation codes"), "person": N_("people"),
         "assignment": N_("teaching load"), "enrolment": N_("enrolments"), "movement": N_("movements"), "slot": N_("timetable slots"),
         "unit_member": N_("members of subgroups"), "appointment": N_("roles"), "pupil": N_("pupils"),
         "credential_issue": N_("handed-out logins"), "import_run": N_("intakes"), "course": N_("courses")}
WHY = "Отмена загрузки из Excel"


def undo(by, run_id: int) -> int:
    """
    Takes back what the ImportRun wrote; the number of rows. Raises Refused naming what depends on it; m.ImportRun.DoesNotExist.
    """
    run = m.ImportRun.get_by_id(run_id)
    if run.undone_at is not None or run.act is None:
        raise Refused(Text(N_("This intake has been undone already.")))
    made, changed = _changes(run.act)
    with m.writing(by, WHY):
        kept = _check(made, changed, run.act)
        for name in kept:
            made.pop(name, None)
        count = _restore(changed) + _delete(made)
        run.undone_at = by.at
        run.save(only=[m.ImportRun.undone_at])
    return count


def _changes(act):
    """`({table: [ids made]}, [(table, id, {column: old})])` of an act."""
    made, changed = {}, []
    for table, row, op, old in m.History.select(m.History.tbl, m.History.row_id, m.History.op, m.History.old).where(
            m.History.act == act).order_by(m.History.id.desc()).tuples():
        if table == "import_run":
            continue
        if op == "I":
            made.setdefault(table, []).append(row)
        elif op == "U" and row not in made.get(table, ()):
            changed.append((table, row, json.loads(old)))
    return made, changed


def _check(made, changed, act):
    """Refuses when anything hangs on the rows; returns names of settings tables to leave standing."""
    standing = [name for name in SETTINGS if name in made and (_leaning(name, made) or _touched({name: made[name]}, act))]
    rest = {name: ids for name, ids in made.items() if name not in SETTINGS}
    touched = _touched(rest | _by_table(changed), act)
    leaning = sorted({label for name in rest for label in _leaning(name, made)})
    if touched or leaning:
        raise Refused(Text(N_("The intake cannot be undone, other records depend on it already: %(what)s."),
                           what=_named([*leaning, *touched])))
    return standing


def _named(tables):
    """«marks (12); lessons (3)» as one Text, so that the names are translated where it is shown."""
    table, count = tables[0]
    first = Text("%(name)s (%(count)s)", name=Text(NAMES.get(table, table)), count=count)
    return Text("%(first)s; %(rest)s", first=first, rest=_named(tables[1:])) if tables[1:] else first


def _by_table(changed):
    found = {}
    for table, row, _ in changed:
        found.setdefault(table, []).append(row)
    return found


def _touched(rows, act):
    """Tables whose rows are not as the act left them, with how many; a change that was itself undone does not count."""
    found = []
    for table, ids in rows.items():
        first, last = {}, {}
        for part in chunked(ids, 500):
            later = m.History.select(m.History.row_id, m.History.op, m.History.old, m.History.new).where(
                (m.History.tbl == table) & (m.History.act > act) & m.History.row_id.in_(part)).order_by(m.History.id).tuples()
            for row, op, old, new in later:
                first[row] = {**json.loads(old or "{}"), **first.get(row, {})}
                last[row] = last.get(row, {}) | (json.loads(new or "{}") if op != "D" else {"": "deleted"})
        count = sum(first[row] != last[row] for row in first)
        if count:
            found.append((table, count))
    return found


def _leaning(table, made):
    """Rows outside the act that point to rows of this table, in words of table and number."""
    parent = _model(table)
    found = []
    for child in m.TABLES:
        for column in child._meta.sorted_fields:
            if isinstance(column, ForeignKeyField) and column.rel_model is parent and column.on_delete == "RESTRICT":
                count = _foreign(child, column, made[table], set(made.get(child._meta.table_name, ())))
                if count:
                    found.append((child._meta.table_name, count))
    return found


def _foreign(child, column, parents, own):
    key = child._meta.primary_key
    return sum(row not in own for part in chunked(parents, 500)
               for row, in child.select(key).where(column.in_(part)).tuples()) if key else 0


def _restore(changed):
    for table, row, old in changed:
        model = _model(table)
        columns = {field.column_name: field for field in model._meta.sorted_fields}
        values = {columns[name]: _typed(columns[name], value) for name, value in old.items()}
        model.update(values).where(model._meta.primary_key == row).execute()
    return len(changed)


def _typed(field, value):
    """A value of history as the field takes it."""
    if value is None or not isinstance(field, (DateField, TimeField)):
        return value
    return field.python_value(value)


def _delete(made):
    count = 0
    for model in reversed(m.TABLES):
        for part in chunked(made.get(model._meta.table_name, ()), 500):
            count += model.delete().where(model._meta.primary_key.in_(part)).execute()
    return count


def _model(table):
    return next(model for model in m.TABLES if model._meta.table_name == table)
