"""Plans from a file and into one: the preview is the table itself, looked through and mended before it is kept (PLN-02)."""

from datetime import date
from types import SimpleNamespace

from flask import Blueprint, abort, g, render_template, request
from flask_babel import gettext as _

import models as m
import policies
import rulebook.plans
from exchange.intake import plan_preview, standing
from views import plan_course, plans, spreadsheet, visitor
from views.language import say

bp = Blueprint("plan_files", __name__, url_prefix="/plans")


@bp.route("/import", methods=["GET", "POST"])
def take_in():
    """A file to a table on the screen; nothing is written until that table is kept."""
    user = visitor.user()
    if not policies.allows(user, "create", m.Plan()):
        abort(403)
    if request.method == "GET":
        return render_template("plans/import.html", problem="", limit=g.school.upload_limit_mb)
    upload = request.files.get("file")
    body = upload.read(g.school.upload_limit_mb * 2**20 + 1) if upload else b""
    if not body or len(body) > g.school.upload_limit_mb * 2**20:
        problem = _("Choose a file.") if not body else _("The file is bigger than %(n)s MB.", n=g.school.upload_limit_mb)
        return render_template("plans/import.html", problem=problem, limit=g.school.upload_limit_mb), 422
    kinds = plans.kinds()
    found, told = plan_preview.preview({upload.filename: body}, standing.known(user.today), {code for code, _name in kinds if code})
    found = [each for each in found if each.lines]
    if not found:
        return render_template("plans/import.html", limit=g.school.upload_limit_mb, told=[say(each.message) for each in told], problem=_(
            "No plan was found in the file. Its table needs a row of headings with «Тема». You can also open an empty plan and paste the "
            "rows there from Excel.")), 422
    subjects = plans.subjects_for(user)
    return render_template("plans/preview.html", reads=[_read(each, subjects) for each in found], subjects=subjects, grades=plans.GRADES,
                           kinds=kinds, told=[say(each.message) for each in told])


def _read(found, subjects) -> SimpleNamespace:
    """A sheet of the file as the page shows it: head of the new plan, its rows with doubts, columns, lines that are no topics."""
    rows = [SimpleNamespace(id=None, section=line.section, topic=line.topic, hours=rulebook.plans.in_hours(line.hours), kind=line.work_kind,
                            homework=line.homework, errors={}, conflict=None, given=False, number=line.row,
                            doubts=[say(doubt) for doubt in line.doubts]) for line in found.lines]
    for row in rows:
        if plans.hours_of(row.hours) is None:
            row.errors["hours"] = _("Hours are a number: 1, 2 or 0,5.")
    subject = next((each for each in subjects if each.name == found.subject), None)
    head = SimpleNamespace(subject=str(subject.id) if subject else "", grade=str(found.grade or ""), shared=True, source=found.place.file,
                           name=", ".join(str(part) for part in (found.subject, found.grade) if part))
    return SimpleNamespace(
        title=" · ".join(filter(None, (found.place.file, found.place.sheet))), head=head, rows=rows,
        hours=rulebook.plans.in_hours(found.hours),
        columns=[(heading, say(meaning) if meaning else "") for heading, meaning in found.columns],
        left=[(row, words, say(why)) for row, words, why in found.left], doubtful=sum(bool(row.doubts or row.errors) for row in rows))


# ---- out ----

@bp.get("/<int:plan>/export.xlsx")
def export(plan: int):
    """The plan as the library has it; the intake reads it back."""
    row, names = policies.find(visitor.user(), m.Plan, plan) or abort(403), dict(plans.kinds()[1:])
    lines = [[n, *_told(topic, names)] for n, topic in enumerate(row.in_order(), 1)]
    return spreadsheet.answer("xlsx", row.name, _titles(), lines)


@bp.get("/course/<int:course>/export.xlsx")
def export_course(course: int):
    """The plan of a course with its dates: by the timetable and in fact."""
    user = visitor.user()
    row = plan_course.course_of(course)
    facts, names = plan_course.against_plan(row, m.Year.get_by_id(row.unit.year_id), user.today), dict(plans.kinds()[1:])
    lines = [[n, *_told(each.topic, names), _dates(each.due), _dates([lesson.day for lesson in each.given]), _remark(each)]
             for n, each in enumerate(facts.rows, 1)]
    titles = [*_titles(), _("Date by plan"), _("Date in fact"), _("Correction")]
    return spreadsheet.answer("xlsx", f"{row.unit.name} {row.subject.name}", titles, lines)


def _titles() -> list[str]:
    return [_("No."), _("Section"), _("Topic"), _("Hours"), _("Kind of work"), _("Homework")]


def _told(topic, names) -> list:
    return [topic.section, topic.topic, float(topic.hours), names.get(topic.work_kind, topic.work_kind), topic.homework]


def _dates(days: list[date]) -> str:
    return ", ".join(f"{day:%d.%m.%Y}" for day in dict.fromkeys(days))


def _remark(row) -> str:
    """«уплотнение: 1 ч, карантин»"""
    fix = row.topic.correction
    if fix is None:
        return ""
    hours = _("given together with the topic above") if fix.joined_to_id else _("%(hours)s h", hours=rulebook.plans.in_hours(fix.hours))
    return f"{hours}: {fix.reason}"
