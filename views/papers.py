"""«Нормативные документы и инструкции»: open to everybody without a sign-in (LEG-12); their drafts, approval and publication are the
administration's (LEG-11). Three instructions are there from the start; the school may put its own in their place."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_from_directory, url_for
from flask_babel import gettext as _
from flask_login import current_user

import clock
import models as m
import policies
import rulebook.rules
import rulebook.tickets
from views import uploads, visitor
from views.language import say
from views.security import public

bp = Blueprint("papers", __name__, url_prefix="/help/papers")

GUIDES = Path(__file__).parents[1] / "regulations/instructions"
FILES = {"STU": "pupil.txt", "PAR": "parent.txt", "T": "teacher.txt"}
STATES = {"draft": m.N_("draft"), "approved": m.N_("approved"), "published": m.N_("published"), "ended": m.N_("withdrawn")}
VERBS = {"approve": m.N_("The order is noted: the document is approved."),
         "publish": m.N_("Published: everybody can read it without signing in."),
         "withdraw": m.N_("Withdrawn: only the administration sees it now.")}


# ---- for everybody ----

@bp.get("")
@public
def index():
    """The regulation in force with its order, published documents, an instruction for pupils, for parents and for teachers."""
    standing = list(m.Paper.standing())
    own = {paper.whom: paper for paper in standing if paper.whom}
    guides = [(whom, words, own.get(whom)) for whom, words in m.GUIDES_FOR.items()]
    keeper = _keeper()
    kept = [paper for paper in m.Paper.select().order_by(m.Paper.id.desc()) if paper.state != "published"] if keeper else []
    return render_template("help/papers.html", version=m.RegulationVersion.on(clock.today()), guides=guides, kept=kept, keeper=keeper,
                           papers=[paper for paper in standing if not paper.whom], kinds=m.PAPER_KINDS, states=STATES,
                           clause=rulebook.tickets.clause_of(rulebook.rules.rules_on(clock.today()), ["LEG-12"]))


@bp.get("/for/<whom>")
@public
def guide(whom: str):
    """The instruction for pupils, parents or teachers: the school's own, or the one that comes with the journal."""
    if whom not in FILES:
        abort(404)
    own = m.Paper.standing().where(m.Paper.whom == whom).first()
    if own:
        return redirect(url_for(".page", number=own.id))
    title, _newline, text = (GUIDES / FILES[whom]).read_text(encoding="utf-8").partition("\n")
    return render_template("help/paper.html", title=title, blocks=blocks(text), paper=None, may=set(), errors={}, kinds=m.PAPER_KINDS,
                           states=STATES, today=clock.today())


@bp.get("/<number>")
@public
def page(number: str):
    return _paper_page(_find(number))


@bp.get("/<number>/file")
@public
def file(number: str):
    paper = _find(number)
    if not paper.digest:
        abort(403)
    return send_from_directory(f"{current_app.instance_path}/files", paper.digest, mimetype=paper.mime, as_attachment=True,
                               download_name=paper.file_name)


# ---- for the administration ----

@bp.get("/new")
def new():
    """An empty draft; `whom` begins with the instruction that stands."""
    _keeping(m.Paper(), "create")
    whom = request.args.get("whom", "")
    typed = {"kind": "guide", "whom": whom, **_started_from(whom)} if whom in FILES else {}
    return _form(None, typed)


@bp.post("/new")
def draw():
    _keeping(m.Paper(), "create")
    return _written(None, lambda values: m.Paper.draw(visitor.actor(), **values))


@bp.get("/<number>/edit")
def edit(number: str):
    paper = _keeping(_find(number), "edit")
    return _form(paper, {"kind": paper.kind, "whom": paper.whom, "title": paper.title, "text": paper.text})


@bp.post("/<number>/edit")
def change(number: str):
    paper = _keeping(_find(number), "edit")
    return _written(paper, lambda values: paper.change(visitor.actor(), **values) or paper)


@bp.post("/<number>/<verb>")
def act(number: str, verb: str):
    """Approved by an order, published, withdrawn."""
    if verb not in VERBS:
        abort(404)
    paper = _keeping(_find(number), "approve" if verb == "approve" else "edit")
    try:
        if verb == "approve":
            paper.approve(visitor.actor(), request.form.get("order_no", ""), _day(request.form.get("order_date", "")))
        elif verb == "publish":
            paper.publish(visitor.actor())
        else:
            paper.withdraw(visitor.actor())
    except m.Refused as refusal:
        return _paper_page(m.Paper.get_by_id(paper.id), {refusal.field or "order_no": say(refusal.text)}), 422
    flash(_(VERBS[verb]), "ok")
    return redirect(url_for(".page", number=paper.id))


def _find(number: str) -> m.Paper:
    """A published paper for anybody, any for the administration."""
    if current_user.is_authenticated:
        return policies.find(visitor.user(), m.Paper, number) or abort(403)
    valid = number.isascii() and number.isdigit() and len(number) < 10
    return valid and m.Paper.standing().where(m.Paper.id == int(number)).first() or abort(403)


def _keeper() -> bool:
    return current_user.is_authenticated and policies.allows(visitor.user(), "create", m.Paper())


def _keeping(paper: m.Paper, verb: str) -> m.Paper:
    return paper if policies.allows(visitor.user(), verb, paper) else abort(403)


def _paper_page(paper: m.Paper, errors=None):
    may = set()
    if _keeper():
        may = {"draft": {"edit", "withdraw"}, "approved": {"publish", "withdraw"}, "published": {"withdraw"}, "ended": set()}[paper.state]
        may |= {"approve"} if paper.state == "draft" and policies.allows(visitor.user(), "approve", paper) else set()
    return render_template("help/paper.html", paper=paper, title=paper.title, blocks=blocks(paper.text), may=may, errors=errors or {},
                           kinds=m.PAPER_KINDS, states=STATES, today=clock.today())


def _form(paper, typed, errors=None):
    return render_template("help/paper_form.html", paper=paper, typed=typed, errors=errors or {},
                           kinds=[(key, _(words)) for key, words in m.PAPER_KINDS.items()],
                           whom=[("", _("for nobody in particular")), *((key, _(words)) for key, words in m.GUIDES_FOR.items())])


def _written(paper, write):
    """Keep what the form says by `write(values)`; as typed when something is missing."""
    form = request.form
    values = {"kind": form.get("kind") if form.get("kind") in m.PAPER_KINDS else "other",
              "whom": form.get("whom", "") if form.get("kind") == "guide" and form.get("whom") in m.GUIDES_FOR else "",
              "title": form.get("title", ""), "text": form.get("text", "").replace("\r\n", "\n").strip()[:100_000]}
    try:
        upload = request.files.get("file")
        if upload and upload.filename:
            kept = uploads.keep(upload)
            values |= {"file_name": kept.name, "digest": kept.digest, "mime": kept.mime}
        return redirect(url_for(".page", number=write(values).id))
    except m.Refused as refusal:
        return _form(paper, form, {"file" if refusal.field == "files" else refusal.field or "text": say(refusal.text)}), 422


def _started_from(whom: str) -> dict:
    """Title and text of the instruction that stands for these people, to be changed."""
    own = m.Paper.standing().where(m.Paper.whom == whom).first()
    if own:
        return {"title": own.title, "text": own.text}
    title, _newline, text = (GUIDES / FILES[whom]).read_text(encoding="utf-8").partition("\n")
    return {"title": title, "text": text.strip()}


def blocks(text: str) -> list[SimpleNamespace]:
    """Plain text in blocks: «## » begins a heading, «- » an item of a list, an empty line a new paragraph."""
    found: list[SimpleNamespace] = []
    for line in (*text.splitlines(), ""):
        kind = "h" if line.startswith("## ") else "li" if line.startswith("- ") else "p"
        words = line.removeprefix("## ").removeprefix("- ").strip()
        last = found[-1] if found else None
        if not words:
            found.append(SimpleNamespace(kind="", lines=[]))
        elif kind == "li" and last and last.kind == "li":
            last.lines.append(words)
        elif kind == "p" and last and last.kind in ("p", "li"):
            last.lines[-1] += f" {words}"
        else:
            found.append(SimpleNamespace(kind=kind, lines=[words]))
    return [block for block in found if block.lines]


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2100 else None
