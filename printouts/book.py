"""PDF of journal grids, wide sheets and the bound book, drawn with ReportLab platypus.

A class's whole year is about a hundred pages of narrow cells; HTML engines take a minute for it, this one seconds.
Everything is black on white A4 with «стр. x из y» (NFR-05).
"""

from dataclasses import replace
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Spacer,
)
from reportlab.platypus import PageBreak as NewPage
from reportlab.platypus import Paragraph as Text

from printouts import fonts
from printouts.book_table import head_line, table_flowable
from printouts.document import (
    COLUMNS_OF_SPREAD,
    Certification,
    Cover,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Signatures,
    Spread,
    Table,
)
from printouts.words import in_words, plural

INNER, OUTER, TOP, BOTTOM = 20 * mm, 10 * mm, 11 * mm, 14 * mm
ALIGN = {"left": TA_LEFT, "center": TA_CENTER, "right": TA_RIGHT}


def render(document: Document) -> bytes:
    """The document as a PDF file."""
    fonts.register()
    buffer = BytesIO()
    book = _Book(buffer, document)
    book.build(_story(document, book.usable), canvasmaker=_Canvas)
    return buffer.getvalue()


class _Canvas(Canvas):
    """Defines, when the last page is known, the total that every foot refers to."""

    def save(self):
        if self._code:
            self.showPage()
        self.beginForm("total")
        self.setFont("Narrow", 7)
        self.drawString(0, 0, str(self.getPageNumber() - 1))
        self.endForm()
        super().save()


class _Book(BaseDocTemplate):
    """A4 pages with a foot; in a bound book the wide margin is on the inner side of each page."""

    def __init__(self, buffer, document: Document):
        first = "landscape" if document.landscape else "portrait"
        sheets = {"portrait": A4, "landscape": landscape(A4)}
        self.bound, self.foot = document.bound, fonts.printable(document.footer)
        templates = [self._template(name, sheets[name]) for name in sorted(sheets, key=lambda name: name != first)]
        super().__init__(buffer, pageTemplates=templates, title=document.title, author=document.imprint.by,
                         subject=f"{document.form} {document.code}", lang="ru")
        self.usable = {name: sheets[name][0] - INNER - OUTER for name in sheets}

    def _template(self, name: str, size) -> PageTemplate:
        width, height = size
        frame = Frame(INNER, BOTTOM, width - INNER - OUTER, height - TOP - BOTTOM, 0, 0, 0, 0)
        return PageTemplate(name, [frame], pagesize=size, onPage=self._begin_page)

    def _begin_page(self, canvas, _template):
        page = canvas.getPageNumber()
        if self.bound and page % 2 == 0:
            canvas.translate(OUTER - INNER, 0)
        right = canvas._pagesize[0] - OUTER
        canvas.setFont("Narrow", 7)
        canvas.drawString(INNER, 7 * mm, self.foot)
        canvas.drawRightString(right - 5 * mm, 7 * mm, f"стр. {page} из")
        canvas.translate(right - 4.4 * mm, 7 * mm)
        canvas.doForm("total")
        canvas.translate(4.4 * mm - right, -7 * mm)


class _LeftPage(Flowable):
    """Fills the rest of an odd page, so that what follows stands on the left of an open book."""

    def wrap(self, width, height):
        self.height = height - 1 if self.canv.getPageNumber() % 2 else 0
        return width, self.height

    def draw(self):
        if self.height:
            self.canv.setFont("Narrow", 8)
            self.canv.drawString(0, self.height - 10, "Страница оставлена пустой.")


class _Inscription(Flowable):
    """The last sheet's text: it knows how many sheets there are, because it stands on the last page."""

    def __init__(self, block: Certification):
        super().__init__()
        self.block = block

    def wrap(self, width, height):
        pages = self.canv.getPageNumber()
        sheets = -(-pages // 2) if self.block.both_sides else pages
        counted = f"{sheets} ({in_words(sheets)}) {plural(sheets, 'лист', 'листа', 'листов')}"
        words = f"{self.block.what} пронумеровано, прошнуровано и скреплено печатью {counted}."
        name = f"{self.block.position} ____________________ / {self.block.name or '____________________'} /"
        lines = [_text(words, size=12), Spacer(1, 14 * mm), _text(name, size=12), Spacer(1, 8 * mm),
                 _text("«____» ____________________ 20____ г.", size=12), Spacer(1, 14 * mm), _text("М. П.", size=12)]
        self.parts = [(part, part.wrap(width * 0.8, height)[1]) for part in lines]
        return width, 70 * mm + sum(tall for _, tall in self.parts)

    def draw(self):
        y = sum(tall for _, tall in self.parts)
        for part, tall in self.parts:
            y -= tall
            part.drawOn(self.canv, 0, y)


def _story(document: Document, usable: dict[str, float]) -> list[Flowable]:
    drawn = {Heading: _heading, Paragraph: _paragraph, Signatures: _signatures, Cover: _cover, Certification: _certification}
    turned = document.landscape
    story = [] if isinstance(document.blocks[0], Cover | Spread) else _title(document)
    for block in document.blocks:
        width = usable["landscape" if turned else "portrait"]
        if isinstance(block, PageBreak):
            turned = turned if block.landscape is None else block.landscape
            story += [NextPageTemplate("landscape" if turned else "portrait"), NewPage()]
        elif isinstance(block, Spread):
            story += _spread(block, width, document.bound)[0 if story else 1:]
        elif isinstance(block, Table):
            story += [table_flowable(block, width), Spacer(1, 3 * mm)]
        else:
            story += drawn[type(block)](block)
    return story


def _title(document: Document) -> list[Flowable]:
    return [_text(document.title, size=13, bold=True), *(_text(line) for line in document.meta), Spacer(1, 2 * mm)]


def _heading(block: Heading) -> list[Flowable]:
    return [Spacer(1, 2 * mm), _text(block.text, size=13 if block.level < 3 else 10.5, bold=True), Spacer(1, 1 * mm)]


def _paragraph(block: Paragraph) -> list[Flowable]:
    return [_text(block.text, align=block.align, bold=block.bold), Spacer(1, 1 * mm)]


def _signatures(block: Signatures) -> list[Flowable]:
    lines = [_text(f"{position} ____________________ / {name or '____________________'} /") for position, name in block.lines]
    return [KeepTogether([Spacer(1, 5 * mm), *(part for line in lines for part in (line, Spacer(1, 5 * mm)))])]


def _cover(block: Cover) -> list[Flowable]:
    lines = [_text(line, size=15, align="center", font="Serif") for line in block.lines]
    return [Spacer(1, 18 * mm), _text(block.organisation, size=14, align="center", font="Serif"), Spacer(1, 60 * mm),
            _text(block.title, size=26, align="center", bold=True, font="Serif"), Spacer(1, 8 * mm), *lines]


def _certification(block: Certification) -> list[Flowable]:
    return [NextPageTemplate("portrait"), NewPage(), _Inscription(block)]


def _spread(spread: Spread, width: float, bound: bool) -> list[Flowable]:
    """Left and right pages of each part; in a bound book the left one is on an even page."""
    story: list[Flowable] = []
    for part in spread.parts():
        name, number = f"{part.subject}, {part.unit}", f"{part.when} · разворот {part.first}"
        blanks = COLUMNS_OF_SPREAD - len(part.lessons)
        left = replace(part.left(blanks), row_height=_row_height(len(part.pupils)))
        story += [NewPage(), *([_LeftPage()] if bound else []),
                  head_line(name, number, width),
                  table_flowable(left, width, caption=False), NewPage(),
                  head_line(f"Учитель: {part.teacher}", f"{name} · {number}", width, bold=False),
                  table_flowable(part.right(), width, caption=False)]
    return story


def _row_height(pupils: int) -> float:
    """Millimetres a pupil's row may take so that the class fills the page and stays on it."""
    return min(8.0, max(4.6, 236 / max(pupils, 1)))


def _text(text: str, size: float = 9, align: str = "left", bold: bool = False, font: str = "Sans") -> Text:
    name = f"{font}-Bold" if bold else font
    style = ParagraphStyle("text", fontName=name, fontSize=size, leading=size * 1.3, alignment=ALIGN[align])
    return Text(escape(fonts.printable(text)), style)
