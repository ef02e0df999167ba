"""Every kind of page as every role meets it, each opened once: no barrier (WCAG 2.2 AA, light and dark, wide and on a telephone),
no sideways scroll, a visible focus, a quiet console, and nothing asked of another host."""

import re

import pytest

from tests.browser.conftest import AXE, PHONE, WIDE, overflows, sign_in

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What a width or the dark can change; looked at on a telephone in the dark.
AT_NIGHT = ["color-contrast", "target-size", "scrollable-region-focusable", "region", "landmark-unique"]
BARRIERS = """async (options) => (await axe.run(options)).violations.flatMap(
    (rule) => rule.nodes.slice(0, 3).map((node) => `${rule.id}: ${node.target}`))"""
# Elements that look the same with and without the keyboard on them.
# The sheet marks the cell in focus by a frame over it, in the next picture.
UNMARKED = """async () => {
    const unmarked = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
        .filter((element) => element.checkVisibility({visibilityProperty: true}) && !element.disabled && element.type !== "hidden")
        .filter((element) => {
            element.focus({preventScroll: true});
            const style = getComputedStyle(element);
            return document.activeElement === element && style.boxShadow === "none"
                && (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2);
        });
    const found = [];
    for (const element of unmarked) {
        element.focus({preventScroll: true});
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const frame = document.querySelector(".frame:not([hidden])")?.getBoundingClientRect(), own = element.getBoundingClientRect();
        if (!frame || ["top", "left", "bottom", "right"].some((side) => Math.abs(frame[side] - own[side]) > 3))
            found.push(element.outerHTML.slice(0, 120));
    }
    return found.slice(0, 3);
}"""
# Rows of a list are of one kind: axe looks at the first of each body.
SHORTEN = """() => document.querySelectorAll("tbody").forEach((body) => [...body.rows].slice(12).forEach((row) => row.remove()))"""

# Pages of a role; {name} is an address met on a page opened before.
PAGES = {
    "": ["/help/papers", "/help/papers/for/PAR", "/login", "/join", "/setup/", "/nowhere"],
    "teacher": ["/today/teacher", "/results/", "{results}", "{results}/accept", "{own}", "/journal/", "{journal}",
                "{journal}?period=1", "{lesson}", "{earlier}",
                "/documents/journal-page", "/admin/pupil/", "/corrections/", "{request}", "{results}?period=1", "{ask}"],
    "classteacher": ["/today/teacher", "/portfolio/new", "/duties/", "/duties/classes/9", "/notices/", "/remarks/2", "/access/", "/list-requests/new", "/documents/summary-sheet",
                     "/talk/2", "/talk/new?class=9", "/announcements/", "/announcements/new"],
    "substitute": ["/today/teacher"],
    "parent": ["{diary}", "{diary}?week=2026-11-02", "{diary}/marks", "{marks}", "{diary}/results", "{diary}/topics", "{topics}", "{diary}/about", "/talk/", "/talk/1", "/talk/new"],
    "pupil": ["{diary}", "/me"],
    "secretary": ["/today/office", "/admin/", "/admin/movement/"],
    "director": ["/today/school"],
    "deputy": ["/activity/", "/activity/classes/9", "/activity/reports", "/alerts/", "/documents/activity", "/duties/school", "/duties/week", "/duties/analysis", "/duties/training", "/remarks/", "/remarks/new", "/compliance/", "/compliance/4-4-1", "/plans/", "{plan}", "/plans/progress?grade=7", "/today/school", "/results/", "{class}", "/journal/", "/control/?by=teacher",
               "/orders/", "/deferrals/", "/deferrals/1", "/deferrals/new?of=9",
               "/control/", "{close}?class=1&class=5", "{hold}?class=5", "/control/?period=1", "{signature}", "{signature}/reopen",
               "/substitutions/", "/substitutions/?absent={absent}", "/documents/", "/documents/substitutions", "/corrections/", "{request}", "/documents/correction-act", "/regulation/"],
    "admin": ["/backups/", "/today/admin", "/setup/checklist", "/scales/new?like=ten", "/intake/", "/access/staff", "/regulation/?rule=final.rounding",
              "/regulation/?rule=entry.homework_deadline", "/help/", "/help/desk", "/help/2", "/help/new", "/help/links", "/help/running", "/help/papers/new?whom=T",
              "/regulation/choice", "/regulation/versions", "/regulation/readings", "/regulation/draft",
              "/list-requests/", "/admin/pupil/", "/admin/pupil/details/?id={id}", "/admin/pupil/edit/?id={id}",
              "/admin/pupil/?search=никого", "/admin/pupil/new/", "/admin/lesson/", "/admin/act/",
              "/admin/school/edit/?id=1", "/admin/movement/new/", "/admin/timetable/details/?id=1",
              "/me", "/sign-ins", "/sign-ins/shared", "/confidentiality/", "/confidentiality/edit", "/confidentiality/people", "/password", "/nowhere/else"],
}
MET = {"plan": r'"(/plans/\d+)"', "results": r'"(/results/\d+)[?"]', "class": r'"(/results/class/\d+)[?"]',
       "journal": r'"(/journal/\d+)"', "lesson": r'class="row now" href="(/lesson/\d+)"', "earlier": r'class="row" href="(/lesson/\d+)"',
       "diary": r'"(/diary/\d+)[?"]', "marks": r'"(/diary/\d+/marks\?[^"]*subject=[^"]*)"', "close": r'"(/control/\d+/close)"',
       "hold": r'"(/control/\d+/hold)"', "signature": r'"(/control/closures/\d+)"', "own": r'"(/control/\d+/own)"',
       "request": r'"(/corrections/\d+)"', "ask": r'"(/corrections/new\?course[^"]*)"',
       "topics": r'"(/diary/\d+/topics\?[^"]*subject=[^"]*)"',
       "absent": r'name="absent">.*?<option value="(\d+)"',
       "id": r"/admin/pupil/edit/\?id=(\d+)"}


@pytest.mark.parametrize("role", PAGES)
def test_no_page_has_a_barrier_at_any_width_in_any_light(village, chromium, role):
    visit = Visit(chromium, village)
    if role:
        sign_in(visit.page, village, role)
        visit.meet()
    for path in PAGES[role]:
        visit.look_at(path)
    visit.context.close()
    assert not visit.found, "\n".join(visit.found)


class Visit:
    """One person going through pages, noting what stands in somebody's way."""

    def __init__(self, browser, address):
        self.address, self.found, self.met = address, [], {}
        self.context = browser.new_context(viewport=WIDE, locale="ru-RU")
        self.context.add_init_script(AXE.read_text(encoding="utf-8"))
        self.page = self.context.new_page()
        self.page.on("console", self._complained)
        self.page.on("pageerror", lambda error: self.found.append(str(error)))
        self.page.on("request", self._asked)

    def look_at(self, path: str):
        self.page.set_viewport_size(WIDE)
        answer = self.page.goto(self.address + path.format(**self.met))
        self.meet()
        self._note(path, self._seen(path))
        if answer.status >= 500:
            self.found.append(f"{path}: {answer.status}")

    def meet(self):
        """Keep the first address of each kind of page that is linked here."""
        text = self.page.content()
        for name, pattern in MET.items():
            if name not in self.met and (link := re.search(pattern, text)):
                self.met[name] = link[1].replace("&amp;", "&")

    def _seen(self, path):
        self.page.keyboard.press("Tab")
        yield from (f"no focus to be seen: {element}" for element in self.page.evaluate(UNMARKED))
        self.page.set_viewport_size(PHONE)
        self.page.emulate_media(color_scheme="dark")
        if overflows(self.page):
            yield "scrolls sideways"
        self.page.evaluate(SHORTEN)
        yield from self._barriers(AT_NIGHT)
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(color_scheme="light")
        yield from self._barriers(STANDARD)

    def _barriers(self, rules: list[str]):
        return self.page.evaluate(BARRIERS, {"runOnly": rules, "resultTypes": ["violations"]})

    def _note(self, path, seen):
        self.found += [f"{path}: {what}" for what in seen]

    def _complained(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.found.append(f"{self.page.url}: {message.text}")

    def _asked(self, request):
        if not request.url.startswith(self.address):
            self.found.append(f"{self.page.url} asks {request.url}")
