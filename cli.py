"""The commands of `flask --app app …`, each a few lines over the rooms below. Names and promises: README."""

import functools
import getpass
import hashlib
import json
from pathlib import Path
from time import sleep

import click
from flask import current_app
from flask.cli import ScriptInfo, with_appcontext

import clock
import history
import models
import printouts.activity
import rulebook.rules
import rulebook.schedule
from exchange import demo as demo_school
from exchange import dump, founding, intake, kept
from exchange import facts as school_facts
from history import Actor
from models import Refused


def register(app):
    for command in (migrate, init, demo, take_in, facts, export, load, backup, restore, verify, work):
        app.cli.add_command(command)


def opened(command):
    """The command inside a connection, by the school's clock; a refusal is one line and exit code 1."""
    @with_appcontext
    def run(**options):
        try:
            with models.db.connection_context():
                school = models.School.the()
                if school:
                    clock.set_school(school.timezone, school.clock_offset)
                command(**options)
        except Refused as refusal:
            raise click.ClickException(_say(refusal.text)) from None
    return functools.update_wrapper(run, command)


# ---- the database ----

@click.command()
@opened
def migrate():
    """Bring the database to the newest schema; safe to repeat."""
    applied = models.migrate()
    click.echo("\n".join(f"applied {name}" for name in applied) or "The schema is the newest already.")


@click.command()
@opened
def verify():
    """Check the chain of history, every recorded row against it, the words of messages, and the attached files."""
    try:
        found = models.verify()
        if changed := models.Message.changed():
            raise history.Broken(f"message {changed} differs from its digest")
        files = dump.verify_files(_files())
    except history.Broken as broken:
        raise click.ClickException(str(broken)) from None
    click.echo(f"History holds: {found['acts']} acts, {found['rows']} changes, {files} attached files.")


# ---- the first day ----

@click.command()
@click.option("--name", prompt="Full name of the school")
@click.option("--short-name", prompt="Short name, for the top of the page", default="")
@click.option("--kind", prompt=True, type=click.Choice([models.SCHOOL, models.COLLEGE]), default=models.SCHOOL)
@click.option("--timezone", prompt="Time zone", default=lambda: _setting("SCHOOL_TIMEZONE"))
@click.option("--year", prompt="School year begins in September of", type=click.IntRange(2000, 2100),
              default=lambda: founding.suggested_year(clock.today()))
@click.option("--regulation", prompt=True, type=click.Choice([rules.preset for rules in rulebook.rules.presets()]), default="base")
@click.option("--surname", prompt="Administrator: surname")
@click.option("--given-name", prompt="Administrator: name")
@click.option("--patronymic", prompt="Administrator: patronymic", default="")
@click.option("--login", prompt=True, default="admin")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
@opened
def init(year, regulation, **facts):
    """Set up one's own school: name, time zone, year, regulation, first administrator."""
    starts, ends = founding.year_span(year)
    founding.found(_actor(), founding.Founding(preset=regulation, starts=starts, ends=ends, **facts))
    click.echo(f"The school is set up. Sign in as {facts['login']}; the list of what comes next is at /setup/checklist")


@click.command()
@click.option("--pupils", type=click.IntRange(250, 20_000), help="Grow the school by parallel classes to about so many pupils.")
@opened
def demo(pupils):
    """Fill an empty database with the demo school."""
    demo_school.build(pupils)
    click.echo("The demo school is made. Sign in as teacher, parent, deputy, admin…, password demo.")


# ---- the data, in and out ----

@click.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the findings to this file as JSON.")
@opened
def take_in(folder, dry_run, report):
    """Take in the Excel and CSV files of a whole school from FOLDER."""
    outcome = intake.run(intake.folder(folder), _actor(), dry_run=dry_run)
    findings = [intake.as_json(finding, _say) for finding in outcome.findings]
    if report:
        report.write_text(json.dumps(findings, ensure_ascii=False, indent=1), encoding="utf-8")
    for finding in findings:
        place = " · ".join(part for part in (finding["file"], finding["sheet"], finding["cell"]) if part)
        click.echo(f"{finding['severity']:8}{place}: {finding['message']}")
    for question in outcome.questions:
        click.echo(f"question: {_say(question.message)}")
    for (action, table), number in sorted(outcome.counts().items()):
        click.echo(f"{'would ' if dry_run else ''}{action} {table}: {number}")
    if not outcome.understood:
        raise click.ClickException("nothing of a school was recognised in the files")


@click.command()
@opened
def facts():
    """Print one JSON object about the data of the school, for checks."""
    click.echo(json.dumps(school_facts.facts(clock.today()), ensure_ascii=False, indent=1))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@opened
def export(file):
    """Write the complete data of the school to FILE."""
    taken = dump.write(file, _files())
    click.echo(f"{file}: {taken.rows} rows, {taken.files} attached files. It holds personal data and passwords' digests.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@opened
def load(file):
    """Read the complete data of a school from FILE into an empty database."""
    taken = dump.load(file, _files(), _actor())
    click.echo(f"Loaded {taken.rows} rows and {taken.files} attached files; the history holds.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@opened
def backup(file):
    """Write a consistent backup to FILE while the server goes on."""
    taken = dump.write(file, _files())
    with file.open("rb") as written:
        models.Backup.made(_actor(), file.name, file.stat().st_size, hashlib.file_digest(written, "sha256").hexdigest())
    click.echo(f"{file}: {taken.rows} rows, {taken.files} attached files.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@opened
def restore(file):
    """Put the backup FILE in place of everything in the database; what was there is kept aside first."""
    if not dump.is_empty():
        aside = Path(current_app.instance_path) / f"before-restore-{clock.now():%Y-%m-%d-%H%M%S}.zip"
        aside.parent.mkdir(parents=True, exist_ok=True)
        dump.write(aside, _files())
        click.echo(f"What was there is kept in {aside}")
    taken = dump.replace(file, _files(), _actor())
    click.echo(f"Restored {taken.rows} rows and {taken.files} attached files; the history holds.")


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@opened
def work(once):
    """Do what the journal does by itself when its time comes: once a minute, until it is stopped."""
    while True:
        for line in rulebook.schedule.run(_actor(), _kept_report):
            click.echo(line)
        if once:
            return
        models.db.close()
        sleep(60)
        models.db.connect()


def _kept_report(span) -> dict[str, str]:
    """The files of a report of use, drawn and kept: kind → digest."""
    actor = _actor()
    drawn = printouts.activity.files(rulebook.rules.rules_on(actor.day), span, actor.at, "журнал, по расписанию")
    return {kind: kept.keep(_files(), body) for kind, body in drawn.items()}


def _say(text) -> str:
    return current_app.extensions["say"](text)


def _setting(name: str):
    """A setting of the application for a prompt's default, which click asks for before the application is there."""
    return click.get_current_context().find_object(ScriptInfo).load_app().config[name]


def _files() -> Path:
    return Path(current_app.instance_path) / "files"


def _actor() -> Actor:
    return Actor(who=f"terminal: {getpass.getuser()}", at=clock.now(), via="cli")
