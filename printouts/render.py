"""From a document to what is sent: the one place that knows which engine draws what.

The engines are imported when first needed: they take 40 MB that a server which prints nothing should not pay.
"""

from importlib import import_module

from printouts.document import Document

TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def render(document: Document, kind: str) -> bytes:
    """The file of this kind (`pdf` or `xlsx`); KeyError for another kind."""
    engine = {"pdf": "book" if document.book else "letter", "xlsx": "sheet"}[kind]
    return import_module(f"printouts.{engine}").render(document)
