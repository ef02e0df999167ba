"""Work that takes seconds, each piece in a fresh process: `python -m tests.bench.tasks NAME URL` prints seconds and megabytes."""

import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import clock
import models as m
import policies
from exchange import demo, intake
from history import Actor
from printouts import class_journal, render, summary
from printouts.document import Imprint
from tests.printouts import samples

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 12, 17, 10, 40)
COLUMNS = ("", "seconds", "peak MB", "asked for")


def journal_of_a_year():
    """About a hundred sheets made up for the renderer: the demo school has lived through a third of its year."""
    render.render(samples.year(), "pdf")


def journal_of_the_demo():
    render.render(class_journal.facts(_deputy(), _classes()[-1], _imprint()), "pdf")


def summary_of_a_class():
    _summary(_classes()[-1:])


def summary_of_all():
    _summary(_classes())


def school_taken_in():
    outcome = intake.run(intake.folder(demo.FILES), Actor("bench", datetime(2026, 11, 20, 9, tzinfo=UTC), via="shell"))
    assert outcome.run, outcome.findings


# name → (what is done, what the table calls it, what is asked for)
OF_A_SCHOOL = {
    "journal": (journal_of_a_year, "PDF, a class's year", "6 s, 200 MB"),
    "demo": (journal_of_the_demo, "PDF, class 11 so far", ""),
    "class": (summary_of_a_class, "summary, a class", "1 s"),
    "school": (summary_of_all, "summary, all classes", "10 s at 1,500 pupils"),
}
OF_NOTHING = {"intake": (school_taken_in, "intake of school A", "30 s")}
TASKS = OF_A_SCHOOL | OF_NOTHING


def measured(tasks: dict, url: str):
    """Yields a row of the table for each task over the database."""
    for name, (_, label, limit) in tasks.items():
        done = subprocess.run([sys.executable, "-m", "tests.bench.tasks", name, url], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        yield label, *json.loads(done.stdout.splitlines()[-1]), limit


def main(name: str, url: str) -> None:
    models = m.open_database(url)
    with models.connection_context(), clock.frozen(NOW):
        began = time.perf_counter()
        TASKS[name][0]()
        seconds = time.perf_counter() - began
    print(json.dumps([f"{seconds:.2f}", f"{_peak():.0f}"]))


def _peak() -> float:
    """The most megabytes this process has held; getrusage would tell of its parent too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return int(next(row for row in status.read_text().splitlines() if row.startswith("VmHWM")).split()[1]) / 1024


def _summary(classes):
    period = next(each for each in summary.periods_of(classes[0]) if each.starts <= NOW.date() <= each.ends)
    render.render(summary.facts(_deputy(), classes, _imprint(), period), "pdf")


def _classes():
    return list(summary.classes_for(_deputy()))


def _deputy():
    person = m.Account.of_login("deputy").person
    return policies.user_of(person.id, person.short_name, date(2026, 12, 17))


def _imprint():
    return Imprint("bench", NOW)


if __name__ == "__main__":
    main(*sys.argv[1:])
