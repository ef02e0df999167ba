"""The fonts of paper: PT Sans, PT Sans Narrow and PT Serif from their packages, with Cyrillic, «», № and —.

Nothing is taken from the machine, so a document looks the same everywhere. Signs the fonts lack are replaced by what
a reader of paper expects («н→4» is written «н/4»).
"""

from functools import cache
from pathlib import Path

import fontpkg
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FILES = {
    "Sans": ("PT Sans", 400), "Sans-Bold": ("PT Sans", 700),
    "Narrow": ("PT Sans Narrow", 400), "Narrow-Bold": ("PT Sans Narrow", 700),
    "Serif": ("PT Serif", 400), "Serif-Bold": ("PT Serif", 700),
}
_STAND_INS = str.maketrans({"→": "/", "↑": "+", "↓": "−", "✓": "+", "\u2011": "-", "\u202f": "\u00a0", "\t": " "})


@cache
def register() -> None:
    """Make the six faces known to ReportLab under the names of FILES, once a process."""
    for name in FILES:
        pdfmetrics.registerFont(TTFont(name, str(path(name))))
    for family in ("Sans", "Narrow", "Serif"):
        bold = f"{family}-Bold"
        pdfmetrics.registerFontFamily(family, normal=family, bold=bold, italic=family, boldItalic=bold)


def path(name: str) -> Path:
    """The TTF file of one of FILES."""
    family, weight = FILES[name]
    return fontpkg.path(family, weight)


def printable(text: str) -> str:
    """The text with signs the fonts lack replaced, so that nothing prints as an empty box."""
    return text.translate(_STAND_INS)
