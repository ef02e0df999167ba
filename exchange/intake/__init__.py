"""
Intake of a real school from its Excel and CSV files: `read` them into plain records, `run` them into the database (or only
try, with a dry run), `undo` what a run did.
"""

from exchange.intake.apply import Outcome, as_json, run
from exchange.intake.reading import read
from exchange.intake.sheets import folder
from exchange.intake.undo import undo

__all__ = ["Outcome", "as_json", "folder", "read", "run", "undo"]
