"""The one bridge from Flask-Admin to policies: every administrative screen is a `Screen` with a few lines of attributes.

What is seen starts from `policies.visible`: list, count, single record, look-ups, selects, bulk actions, export. What is
done is asked of `policies.allows`, for the record as it stands and as it would become, and written by `models.writing`
in one transaction. A foreign, a missing and a malformed id are the same 403.
"""

from zlib import crc32

from flask import abort, current_app, flash, redirect, request
from flask_admin import expose
from flask_admin.contrib.peewee import ModelView
from flask_admin.form import BaseForm
from flask_admin.helpers import get_redirect_target
from flask_admin.model.ajax import AjaxModelLoader
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from peewee import DataError, ForeignKeyField, IntegrityError

import models as m
import policies
from views import life, spreadsheet, visitor
from views.admin_doors import Door
from views.admin_words import TITLES, label, name_of
from views.cells import kept_by, plain, shown
from views.fields import field_for
from views.language import say
from views.listing import (
    MOST_OPTIONS, ByRecord, Narrowing, apart, in_order, joined, joins_for, matching, named_apart, narrowings, order, order_joins, sortable,
)

MOST_CHOICES = 50


class Screen(ModelView):
    """The screen of one table. A subclass gives attributes:

    column_list       paths of the columns («person.surname»); foreign keys are shown as names and link to their record
    search_paths      columns a search looks through
    form_columns      fields of the form in their order; empty = nothing is entered here
    filter_columns    paths or `Narrowing`s
    related           (table, key of its filter): what hangs on a record, each with its number and its list
    creators          roles that may begin a new record, where the rule needs the record itself to decide
    create_columns, edit_columns   where a new record and one to be changed have other fields
    extra_fields      fields of the form that are no columns: name → longest text
    verbs, doors      buttons of a record's page; ways from the list to where its rows are made
    counted           its rows are counted on the first page
    """

    list_template, create_template = "admin/list.html", "admin/form.html"
    edit_template, details_template = "admin/form.html", "admin/details.html"
    can_view_details = can_export = True
    can_set_page_size, page_size, page_size_options = True, 50, (20, 50, 100, 200)
    export_types, export_max_rows = ["xlsx", "csv"], 50_000
    column_display_actions = False
    form_columns = search_paths = filter_columns = related = details_more = ()
    default_order, descending, rule = None, False, None  # rule: key of the regulation that names who changes this table
    creators = None
    counted = True
    create_columns = edit_columns = None
    extra_fields = {}
    verbs = doors = ()

    def __init__(self, **more):
        table = self.table._meta.table_name
        super().__init__(self.table, TITLES[self.table][0], endpoint=f"admin_{table}", url=table, **more)

    # ---- who ----

    def is_accessible(self):
        return current_user.is_authenticated and current_user.has(*policies.SCREENS[self.model])

    def inaccessible_callback(self, name, **kwargs):
        abort(403)

    def _run_view(self, fn, *args, **kwargs):
        """Flask-Admin calls a view again after a TypeError of its own; ours may fail only once, loudly."""
        return fn(self, *args, **kwargs)

    @property
    def can_create(self):
        if not self.form_columns:
            return False
        if self.creators is not None:
            return current_user.has(*self.creators)
        return policies.allows(visitor.user(), "create", self.model())

    def may(self, verb: str, record) -> bool:
        """May whoever looks do this to the record here?"""
        return bool(self.form_columns) and self.permitted(verb, record)

    def permitted(self, verb: str, record) -> bool:
        """The rule itself; a subclass says so when a screen's form stands for another named rule."""
        return policies.allows(visitor.user(), verb, record)

    # ---- what is seen ----

    def get_query(self):
        return policies.visible(visitor.user(), self.model)

    def get_one(self, id):
        record = policies.find(visitor.user(), self.model, id)
        return record if record is not None else abort(403)

    def find(self, model, key):
        """A visible record of any table, or None."""
        return policies.find(visitor.user(), model, key)

    def narrowed(self, search: str | None, filters):
        """The visible rows that a search and filters leave; no joins, so that it counts cheaply."""
        query = self.get_query()
        found = matching(self.model, self.search_paths, search or "")
        if found is not None:
            query = query.where(found)
        for index, _name, value in filters or ():
            query = self._filters[index].apply(query, value)
        return query

    def get_list(self, page, sort_column, sort_desc, search, filters, execute=True, page_size=None):
        query = self.narrowed(search, filters)
        count = query.count()
        path = sort_column if sort_column in self._sortable_columns else None
        descending = bool(sort_desc) if path else self.descending
        path = path or self.default_order or "id"
        query, aliases = joined(query, joins_for(self.model, self.shown_columns) | order_joins(self.model, path))
        query = self.extended(query).order_by(*order(query, aliases, path, descending))
        if page_size:
            page = max(0, min(page or 0, (count - 1) // page_size))
            query = query.limit(page_size).offset(page * page_size)
        return count, self.completed(list(query))

    def extended(self, query):
        """Hook: more columns in the same query."""
        return query

    def completed(self, rows: list) -> list:
        """Hook: more facts about the rows of a page, in a query for all of them."""
        return rows

    @property
    def shown_columns(self):
        return [*self.column_list, *self.details_more]

    def scaffold_sortable_columns(self):
        return {path: path for path in self.column_list if sortable(self.model, path)}

    def init_search(self):
        return bool(self.search_paths)

    def get_column_name(self, field):
        return label(self.model, field)

    # ---- filters: flt_<key>=<value> ----

    def get_filters(self):
        return [each for item in self.filter_columns
                for each in ([item] if isinstance(item, Narrowing) else narrowings(self.model, item))]

    def _refresh_filters_cache(self):
        self._filters, self._filter_groups, self._filter_args = self.get_filters(), None, None

    def _get_list_filter_args(self):
        chosen = []
        for index, narrowing in enumerate(self._filters):
            value = request.args.get(f"flt_{narrowing.key}", "")
            if not value:
                continue
            if narrowing.validate(value):
                chosen.append((index, str(narrowing.name), value))
            else:
                flash(_("«%(filter)s» cannot be «%(value)s»; it was left out.", filter=narrowing.name, value=value[:40]), "warning")
        return chosen

    def _get_filters(self, filters):
        return {f"flt_{self._filters[index].key}": value for index, _name, value in filters or ()}

    def options(self, model) -> list[tuple[int, str]]:
        """Values of a filter by a foreign key: the records one sees; none when they are too many to choose from."""
        rows = list(in_order(policies.visible(visitor.user(), model)).limit(MOST_OPTIONS + 1))
        return [(row.id, name) for row, name in named_apart(rows)] if len(rows) <= MOST_OPTIONS else []

    def distinct(self, column: str) -> list[tuple]:
        """Values of a filter by a plain column: those that stand in the visible rows."""
        field = self.model._meta.fields[column]
        rows = self.get_query().select(field).where(field.is_null(False)).distinct().order_by(field).limit(60).tuples()
        return [(value, value) for value, in rows]

    # ---- choosing records in a form ----

    def choosable_query(self, name: str):
        """The records a foreign key of the form may point to; a subclass narrows it further by `narrow_<name>`."""
        model = self.model
        *steps, last = name.split("__")
        for step in steps:
            model = model._meta.fields[step].rel_model
        query = policies.visible(visitor.user(), model._meta.fields[last].rel_model)
        narrow = getattr(self, f"narrow_{name}", None)
        return narrow(query) if narrow else query

    def choosable(self, name: str):
        return in_order(self.choosable_query(name))

    def choosable_one(self, name: str, key):
        query = self.choosable_query(name)
        number = int(key) if key.isascii() and key.isdigit() else 0
        return query.where(query.model.id == number).first() if 0 < number < 2**31 else None

    def choosable_like(self, name: str, text: str, limit: int = MOST_CHOICES, offset: int = 0) -> list:
        query = self.choosable_query(name)
        found = matching(query.model, screen_of(query.model).search_paths, text)
        query = in_order(query if found is None else query.where(found))
        return list(query.limit(max(1, min(limit, MOST_CHOICES))).offset(max(0, min(offset or 0, 10_000))))

    def _process_ajax_references(self):
        names = dict.fromkeys((*self.form_columns, *(self.create_columns or ()), *(self.edit_columns or ())))
        keys = [name for name in names if name not in self.extra_fields and _points(self.model, name)]
        return {name: Loader(self, name) for name in keys}

    @expose("/ajax/lookup/")
    def ajax_lookup(self):
        loader = self._form_ajax_refs.get(request.args.get("name"))
        if loader is None:
            abort(404)
        rows = loader.get_list(request.args.get("query"), request.args.get("offset", 0, int), request.args.get("limit", 20, int))
        return [loader.format(row) for row in rows]

    # ---- forms ----

    def get_create_form(self):
        return self._form_of(self.create_columns or self.form_columns)

    def get_edit_form(self):
        return self._form_of(self.edit_columns or self.form_columns)

    def _form_of(self, names):
        return type("Form", (BaseForm,), {name: field_for(self, name) for name in names})

    def edit_form(self, obj=None):
        return self._edit_form_class(_posted(), data=self._edit_values(obj))

    def _edit_values(self, record) -> dict:
        names = self.edit_columns or self.form_columns
        return {name: _reach(record, name.split("__")) for name in names if name not in self.extra_fields}

    def create_form(self, obj=None):
        return self._create_form_class(_posted(), data=self.suggested() if request.method == "GET" else None)

    def suggested(self) -> dict:
        """What a new form begins with: defaults, and records the address names («?school_class=3»)."""
        found = {name: self.choosable_one(name, request.args.get(name, "")) for name in self._form_ajax_refs}
        return {name: record for name, record in found.items() if record}

    def fill(self, form, record) -> None:
        """Take the values of the form over into the record."""
        for field in form:
            *steps, name = field.name.split("__")
            if name in self.extra_fields:
                continue
            setattr(_reach(record, steps), name, field.data)

    # ---- writing ----

    def create_model(self, form):
        record = self.blank()
        return self._written(form, record, created=True)

    def update_model(self, form, record):
        if not self.may("edit", record):
            abort(403)
        return bool(self._written(form, record, created=False))

    def blank(self):
        return self.model()

    def _written(self, form, record, created: bool):
        try:
            with m.writing(visitor.actor(), form["why"].data if "why" in form else ""):
                self.fill(form, record)
                self.check(record)
                if not self.permitted("create" if created else "edit", record):
                    abort(403)
                record = self.write(form, record, created) or record
        except m.Refused as refusal:
            return self._refuse(form, say(refusal.text), refusal.field)
        except IntegrityError as error:
            return self._refuse(form, self._collision(record, error))
        except DataError:
            return self._refuse(form, _("A value does not fit its column. Shorten it or check the number."))
        return record

    def check(self, record) -> None:
        """Raise Refused for a record that contradicts itself."""
        starts, ends = getattr(record, "starts", None), getattr(record, "ends", None)
        if starts and ends and ends < starts:
            raise m.Refused(m.Text(m.N_("The end comes before the beginning")), "ends")

    def write(self, form, record, created: bool):
        """Write the record; screens of tables with verbs call them here. May answer another record than it was given."""
        record.save(force_insert=created)

    def _refuse(self, form, message: str, field: str | None = None) -> bool:
        """Put the refusal to its field, or over the form."""
        if field in form:
            form[field].errors = [*form[field].errors, message]
        else:
            form.form_errors.append(message)
        return False

    def _collision(self, record, error) -> str:
        """What an IntegrityError means for the person at the form."""
        for fields, unique in self.model._meta.indexes:
            if unique and self._taken(record, fields):
                return _("There is one already with the same: %(fields)s. Change it here, or correct the other one.",
                         fields=", ".join(f"«{label(self.model, name)}»" for name in fields))
        for field in self.model._meta.sorted_fields:
            if field.unique and self._taken(record, [field.name]):
                return _("«%(field)s» is taken already. Choose another one.", field=label(self.model, field.name))
        return _("It contradicts another record. Open the list and look whether it is there already.")

    def _taken(self, record, fields) -> bool:
        query = self.model.select().where(self.model._meta.primary_key != (record.get_id() or 0))
        for name in fields:
            field = self.model._meta.fields[name]
            query = query.where(field == record.__data__.get(name))
        return query.exists()

    # ---- pages ----

    @expose("/")
    def index_view(self):
        asked = self._get_list_extra_args()
        column = self._get_column_by_idx(asked.sort)
        size = self.get_safe_page_size(asked.page_size)
        count, rows = self.get_list(asked.page, column and column[0], asked.sort_desc, asked.search, asked.filters, page_size=size)
        pages = -(-count // size)
        here = self._get_list_url(asked)
        return self.render(
            self.list_template, data=rows, count=count, page=max(0, min(asked.page, pages - 1)), num_pages=pages, return_url=here,
            list_columns=self._list_columns, search=asked.search, search_supported=self._search_supported,
            sort_column=asked.sort, sort_desc=asked.sort_desc, active_filters=asked.filters,
            filter_fields=self._filter_fields(asked.filters),
            actions=self.is_action_allowed("delete") and any(self.may("delete", row) for row in rows),
            kept_by=kept_by(self), pager_url=lambda page: self._get_list_url(asked.clone(page=page)),
            sort_url=lambda place, again: self._get_list_url(asked.clone(
                sort=place, page=0, sort_desc=1 if again and not asked.sort_desc else None)),
            without=lambda key: self._get_list_url(asked.clone(
                page=0, filters=[each for each in asked.filters if self._filters[each[0]].key != key])))

    def _filter_fields(self, chosen) -> list[tuple]:
        """(filter, chosen value, its choices, name of the chosen record); a filter by a record without choices shows only when it
        is chosen, as a chip."""
        values = {index: value for index, _name, value in chosen}
        fields = []
        for index, each in enumerate(self._filters):
            value = values.get(index, "")
            options = each.values(self)
            named = isinstance(each, ByRecord) and not options
            if value or not named:
                fields.append((each, value, options, each.chosen(self, value) if named else ""))
        return fields

    def carried(self, filters) -> dict:
        """A list narrowed to a record begins its new rows with that record."""
        keys = {self._filters[index].key: value for index, _name, value in filters or ()}
        return {key: value for key, value in keys.items() if key in self._form_ajax_refs}

    def open_doors(self) -> list[Door]:
        return [door for door in self.doors if current_user.has(*door.roles)]

    def own_page(self, record, back: str) -> str:
        """Where the first column leads: the form for who may change the record, otherwise its page."""
        return self.get_url(".edit_view" if self.may("edit", record) else ".details_view", id=record.get_id(), url=back)

    def advice(self) -> str:
        """What to do about an empty list."""
        if self.can_create:
            return _("Add it by hand, or let the secretary's Excel files be taken in.")
        return _("Rows appear here by themselves when the work that makes them is done elsewhere.")

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self):
        if not self.can_create:
            abort(403)
        form = self.create_form()
        record = request.method == "POST" and form.validate() and self.create_model(form)
        if not record:
            return self._form_page(form)
        flash(_("Saved: %(name)s", name=name_of(record)), "success")
        again = self.get_url(".create_view", url=self._back()) if "_add_another" in request.form else None
        return redirect(again or self.get_save_return_url(record, is_created=True))

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self):
        record = self.get_one(request.args.get("id"))
        if not self.may("edit", record):
            abort(403)
        self.looked(record)
        form, seen = self.edit_form(record), self.fingerprint(record)
        if request.form.get("seen", seen) != seen:
            form.validate()
            self._refuse(form, _("Somebody changed this record while the form was open. Compare with what stands now: %(now)s. "
                                 "Save again to keep yours.", now=self._standing(record)))
        elif request.method == "POST" and form.validate() and self.update_model(form, record):
            flash(_("Saved: %(name)s", name=name_of(record)), "success")
            return redirect(self.get_save_return_url(record))
        return self._form_page(form, self.get_one(record.get_id()))

    def fingerprint(self, record) -> str:
        """A short token of what the form of the record would begin with."""
        values = {name: getattr(value, "id", value) for name, value in self._edit_values(record).items()}
        return f"{crc32(repr(values).encode()):x}"

    def _standing(self, record) -> str:
        return "; ".join(f"{field.label.text}: {text}" for field in self._edit_form_class(data=self._edit_values(record))
                         if (text := field.in_words()))
    @expose("/details/")
    def details_view(self):
        record = self.get_one(request.args.get("id"))
        self.looked(record)
        return self.render(self.details_template, record=record, return_url=self._back(), **self.beside(record))

    def looked(self, record) -> None:
        """Hook: somebody opened the record's page (SEC-16)."""

    def _form_page(self, form, record=None):
        """The form, with what was typed; 422 when something in it is wrong."""
        page = self.render(self.edit_template, form=form, record=record, return_url=self._back(),
                           seen=self.fingerprint(record) if record else "",
                           **(self.beside(record) if record else {}))
        return (page, 422) if request.method == "POST" else page

    def beside(self, record) -> dict:
        """What stands beside a record: the lists that hang on it, its verbs."""
        return {"lists": self.hanging_lists(self.related, record),
                "buttons": [verb for verb in self.verbs if verb.allowed(record)],
                "changes": life.of_record(record) if current_user.has(*policies.READERS) and self.model.recorded else ()}

    def hanging_lists(self, related, record) -> list[tuple]:
        """(title, number of rows, their list, where to add one or None) of each table that is seen."""
        return [(TITLES[model][0], *screen_of(model).hanging(key, record))
                for model, key in related if screen_of(model).is_accessible()]

    def hanging(self, key: str, record) -> tuple[int, str, str | None]:
        """(how many rows here belong to a record, where their list is, where to add one or None)."""
        narrowing = next(each for each in self._filters if each.key == key)
        count = narrowing.apply(self.get_query(), str(record.get_id())).count()
        address = f"{self.endpoint}.create_view"
        new = self.get_url(address, **{key: record.get_id()}) if self.can_create and key in self._form_ajax_refs else None
        return count, self.get_url(f"{self.endpoint}.index_view", **{f"flt_{key}": record.get_id()}), new

    def address(self, record) -> str | None:
        """Where a record's own page is, for whoever has its screen."""
        screen = screen_of(type(record))
        if screen is None or not screen.is_accessible():
            return None
        return screen.get_url(f"admin_{record._meta.table_name}.details_view", id=record.get_id())

    @expose("/delete/", methods=("POST",))
    def delete_view(self):
        record = self.get_one(request.form.get("id"))
        return self._delete([record]) if self.may("delete", record) else abort(403)

    @expose("/action/", methods=("POST",))
    def action_view(self):
        records = [self.get_one(key) for key in dict.fromkeys(request.form.getlist("rowid")[:500])]
        if request.form.get("action") != "delete":
            abort(404)
        if not all(self.may("delete", record) for record in records):
            abort(403)
        if not records:
            flash(_("Choose at least one line first."), "warning")
            return redirect(self._back())
        return self._delete(records)

    def _delete(self, records: list):
        """Ask first, with what hangs on the records; then delete all or none, never what hangs on them."""
        held = self.held_by(records)
        if held or not request.form.get("confirm"):
            return self.render("admin/delete.html", records=records, held=held, return_url=self._back())
        try:
            with m.writing(visitor.actor()):
                for record in records:
                    self.delete_model(record)
        except (m.Refused, IntegrityError) as refusal:
            flash(say(refusal.text) if isinstance(refusal, m.Refused) else _("Other records hang on it. Nothing was deleted."), "error")
            return redirect(self._back())
        flash(ngettext("%(num)s record is deleted.", "%(num)s records are deleted.", len(records)), "success")
        return redirect(self._back())

    def held_by(self, records: list) -> list[tuple]:
        """What keeps these records from being deleted."""
        return dependents(records)

    def delete_model(self, record):
        if not self.may("delete", record):
            abort(403)
        with m.writing(visitor.actor()):
            self.remove(record)
        return True

    def remove(self, record) -> None:
        """Delete one record; screens of tables with verbs call them here."""
        record.delete_instance()

    def is_action_allowed(self, name):
        return name == "delete" and bool(self.form_columns)

    def named(self, user, model, ids) -> list:
        """The visible records among these ids, with what their names need; one query."""
        return list(in_order(policies.visible(user, model).where(model.id.in_([each for each in ids if each]))))

    def asked_id(self) -> str | None:
        return request.args.get("id") or request.form.get("id")

    def _back(self) -> str:
        return get_redirect_target() or self.get_url(".index_view")

    def get_save_return_url(self, model, is_created=False):
        return self._back()

    @expose("/export/<export_type>/")
    def export(self, export_type):
        if export_type not in self.export_types or not self.can_export:
            abort(404)
        _count, rows = self._export_data()
        columns = self.shown_columns
        titles = [str(self.get_column_name(path)) for path in columns]
        lines = ([plain(self, row, path) for path in columns] for row in rows)
        return spreadsheet.answer(export_type, str(self.name), titles, lines)

    def render(self, template, **values):
        values.update(screen=self, description=TITLES[self.model][1], shown=shown, name_of=name_of)
        return super().render(template, **values)


class Loader(AjaxModelLoader):
    """The look-up of a foreign key: only what the form would accept, at most 50."""

    def __init__(self, screen: Screen, name: str):
        super().__init__(name, {})
        self.screen = screen

    def format(self, model):
        return model and (model.id, name_of(model), apart(model))

    def get_one(self, pk):
        return self.screen.choosable_one(self.name, str(pk))

    def get_list(self, query, offset=0, limit=20):
        return self.screen.choosable_like(self.name, query or "", limit or 20, offset)


def screen_of(model) -> Screen:
    """The screen of a table; tables without one (protocols) have a nameless stand-in for look-ups."""
    return current_app.extensions["screens"].get(model)


def dependents(records: list) -> list[tuple]:
    """What keeps records from being deleted: (title of the table, number of rows)."""
    found = []
    for field, model in records[0]._meta.backrefs.items():
        if field.on_delete != "RESTRICT" or model not in m.TABLES:
            continue
        count = model.select().where(field.in_([record.id for record in records])).count()
        if count:
            found.append((TITLES[model][0] if model in TITLES else model.__name__, count))
    return found


def _posted():
    return request.form if request.method == "POST" else None


def _points(model, name: str) -> bool:
    *steps, last = name.split("__")
    for step in steps:
        model = model._meta.fields[step].rel_model
    return isinstance(model._meta.fields[last], ForeignKeyField)


def _reach(record, steps):
    for step in steps:
        record = getattr(record, step)
    return record
