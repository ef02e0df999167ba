"""PDF of letters, slips, registers and other small tables, drawn by xhtml2pdf from HTML.

It costs about a millisecond a cell, so journal grids go through `book`. Only the fonts' folders may be read and nothing
may be fetched: for a file it may not read the engine prints black squares and says nothing.
"""

from io import BytesIO

from xhtml2pdf import pisa
from xhtml2pdf.config.resources import ResourceAccessPolicy

from printouts import fonts
from printouts.document import Document
from printouts.screen import environment


def render(document: Document) -> bytes:
    """The document as a PDF file; RuntimeError when the engine complains."""
    faces = {face: fonts.path(face) for face in ("Sans", "Sans-Bold")}
    html = environment().get_template("letter.html").render(document=document, faces=faces)
    base, *others = {path.parent for path in faces.values()}
    policy = ResourceAccessPolicy(allow_remote=False, base_dir=base, extra_roots=tuple(others))
    buffer = BytesIO()
    status = pisa.pisaDocument(fonts.printable(html), buffer, encoding="utf-8", resource_policy=policy)
    if status.err:
        raise RuntimeError(f"{document.form}: the PDF engine complains: {status.log[:3]}")
    return buffer.getvalue()
