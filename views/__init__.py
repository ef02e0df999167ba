"""What a person sees and touches. `register` is the whole menu on one screen."""

from flask_babel import lazy_gettext as N_

import models
from views import (
    access, admin, breach, compliance, control, corrections, deferrals, delivery, diary, documents, duties, errors, frame, intake, join,
    journal, language, lesson, list_requests, notices, offline, plan_course, plan_files, plans, regulation, regulation_versions, remarks,
    results,
    security, setup, substitution, today, upkeep, works,
)
from views.frame import section

SCHOOL, CONTROL = N_("School"), N_("Control")
# Address, name, sign, whose it is, and the group it stands in. The first entry of a role is where `/` leads it.
MENU = [
    section("/today/", N_("Today"), "home", "DIR ZAV T MAS CT SEC ADM"),
    section("/journal/", N_("Journals"), "sheet", "T MAS CT ZAV DIR SEC"),
    section("/diary/", N_("Diary"), "book", "PAR STU"),
    section("/duties/", N_("Duties"), "clock", "DIR ZAV T MAS CT SEC ADM"),
    section("/results/", N_("Results"), "check", "T MAS CT ZAV DIR"),
    section("/admin/", N_("Lists"), "users", "ADM DIR ZAV SEC CT", SCHOOL),
    section("/setup/checklist", N_("Set-up"), "check", "ADM", SCHOOL),
    section("/intake/", N_("Intake"), "down", "ADM", SCHOOL),
    section("/access/", N_("Access"), "key", "ADM CT", SCHOOL),
    section("/plans/", N_("Plans"), "cal", "T MAS ZAV DIR ADM"),
    section("/substitutions/", N_("Substitutions"), "users", "ZAV ADM"),
    section("/compliance/", N_("Compliance"), "check", "DIR ZAV ADM", CONTROL),
    section("/control/", N_("Closing"), "lock", "ZAV DIR", CONTROL),
    section("/corrections/", N_("Corrections"), "edit", "ZAV DIR", CONTROL),
    section("/remarks/", N_("Remarks"), "bell", "ZAV DIR", CONTROL),
    section("/regulation/", N_("Regulation"), "book", "ADM DIR ZAV", CONTROL),
    section("/breach/", N_("Breaches"), "alert", "ADM DIR ZAV", CONTROL),
    section("/documents/", N_("Documents"), "file", "ADM DIR ZAV SEC CT T MAS"),
]


def register(app):
    delivery.register(app)
    errors.register(app)
    language.register(app)
    frame.register(app, MENU)
    setup.register(app)
    security.register(app)
    offline.register(app)
    admin.register(app)
    app.register_blueprint(access.bp)
    app.register_blueprint(breach.bp)
    app.register_blueprint(compliance.bp)
    app.register_blueprint(control.bp)
    app.register_blueprint(corrections.bp)
    app.register_blueprint(deferrals.bp)
    app.register_blueprint(diary.bp)
    app.register_blueprint(join.bp)
    app.register_blueprint(documents.bp)
    duties.register(app)
    app.register_blueprint(intake.bp)
    app.register_blueprint(journal.bp)
    app.register_blueprint(lesson.bp)
    app.register_blueprint(list_requests.bp)
    app.register_blueprint(notices.bp)
    app.register_blueprint(plans.bp)
    app.register_blueprint(plan_course.bp)
    app.register_blueprint(plan_files.bp)
    app.register_blueprint(regulation.bp)
    app.register_blueprint(regulation_versions.bp)
    app.register_blueprint(remarks.bp)
    app.register_blueprint(results.bp)
    app.register_blueprint(substitution.bp)
    app.register_blueprint(today.bp)
    app.register_blueprint(upkeep.bp)
    app.register_blueprint(works.bp)


def announcements(app, address: str) -> list[str]:
    """What the terminal is told when the server starts at `address`."""
    with models.db.connection_context():
        waiting = setup.waiting(app)
    if not waiting:
        return []
    return [f"The school is not set up yet; open {address}/setup/?code={setup.code(app)}", f"One-time code: {setup.code(app)}"]
