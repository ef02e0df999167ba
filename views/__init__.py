"""What a person sees and touches. `register` is the whole menu on one screen."""

from flask_babel import lazy_gettext as N_

import models
from views import (
    access, activity, admin, alerts, backups, board, breach, compliance, confidentiality, control, corrections, deferrals, delivery,
    diary, documents, duties, errors, frame, intake, join, journal, language, lesson, list_requests, lock, notices, offline, papers,
    plan_course, plan_files, plans, portfolio, quarantine, regulation, regulation_versions, remarks, resources, results, running,
    scales, security, setup, sign_ins, substitution, talk, tickets, today, upkeep, usage, works,
)
from views.frame import section

SCHOOL, CONTROL, TALK = N_("School"), N_("Control"), N_("Talk")
EVERYBODY = "DIR ZAV T MAS CT SEC ADM PAR STU"
# Address, name, sign, whose it is, and the group it stands in. The first entry of a role is where `/` leads it.
MENU = [
    section("/today/", N_("Today"), "home", "DIR ZAV T MAS CT SEC ADM"),
    section("/journal/", N_("Journals"), "sheet", "T MAS CT ZAV DIR SEC"),
    section("/diary/", N_("Diary"), "book", "PAR STU"),
    section("/duties/", N_("Duties"), "clock", "DIR ZAV T MAS CT SEC ADM"),
    section("/talk/", N_("Messages"), "msg", EVERYBODY, TALK),
    section("/announcements/", N_("Announcements"), "bell", EVERYBODY, TALK),
    section("/help/", N_("Help"), "help", EVERYBODY, TALK),
    section("/results/", N_("Results"), "check", "T MAS CT ZAV DIR"),
    section("/admin/", N_("Lists"), "users", "ADM DIR ZAV SEC CT", SCHOOL),
    section("/setup/checklist", N_("Set-up"), "check", "ADM", SCHOOL),
    section("/intake/", N_("Intake"), "down", "ADM", SCHOOL),
    section("/access/", N_("Access"), "key", "ADM CT", SCHOOL),
    section("/plans/", N_("Plans"), "cal", "T MAS ZAV DIR ADM"),
    section("/substitutions/", N_("Substitutions"), "users", "ZAV ADM"),
    section("/orders/", N_("Days by order"), "cal", "ZAV ADM DIR", SCHOOL),
    section("/compliance/", N_("Compliance"), "check", "DIR ZAV ADM", CONTROL),
    section("/activity/", N_("Use"), "users", "DIR ZAV ADM", CONTROL),
    section("/control/", N_("Closing"), "lock", "ZAV DIR", CONTROL),
    section("/corrections/", N_("Corrections"), "edit", "ZAV DIR", CONTROL),
    section("/remarks/", N_("Remarks"), "bell", "ZAV DIR", CONTROL),
    section("/regulation/", N_("Regulation"), "book", "ADM DIR ZAV", CONTROL),
    section("/breach/", N_("Breaches"), "alert", "ADM DIR ZAV", CONTROL),
    section("/documents/", N_("Documents"), "file", "ADM DIR ZAV SEC CT T MAS"),
]


PLAIN = (  # rooms that are a blueprint and nothing else
    activity, alerts, backups, access, breach, compliance, control, corrections, deferrals, diary, join, documents, intake,
    journal, lesson, list_requests, notices, papers, plans, plan_course, plan_files, portfolio, quarantine, regulation,
    regulation_versions, remarks, resources, results, scales, sign_ins, substitution, talk, today, upkeep, works,
)


def register(app):
    delivery.register(app)
    errors.register(app)
    language.register(app)
    frame.register(app, MENU)
    setup.register(app)
    security.register(app)
    confidentiality.register(app)
    lock.register(app)
    offline.register(app)
    usage.register(app)
    admin.register(app)
    board.register(app)
    duties.register(app)
    running.register(app)
    tickets.register(app)
    for room in PLAIN:
        app.register_blueprint(room.bp)


def started(app) -> None:
    """The server begins to serve."""
    running.watch(app)


def announcements(app, address: str) -> list[str]:
    """What the terminal is told when the server starts at `address`."""
    with models.db.connection_context():
        waiting = setup.waiting(app)
    if not waiting:
        return []
    return [f"The school is not set up yet; open {address}/setup/?code={setup.code(app)}", f"One-time code: {setup.code(app)}"]
