"""The grid as a slow PC feels it: Chromium with its processor throttled, a table of SIZE, its first view and its keys.
`python -m tests.bench.paint` prints rows of (what, milliseconds, what is asked for)."""

import json
import tempfile
from datetime import timedelta
from itertools import cycle, islice, product
from pathlib import Path

import clock
import models as m
from history import Actor
from tests import factories as f
from tests.browser.conftest import WIDE, chromium_at_work, serving, sign_in

SIZE = 40, 120  # pupils and lessons
SLOWER = 6
KEYS = {"a mark": ("5", "Enter", "4", "Enter") * 9, "a move": ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight") * 9}
BETWEEN = 100  # milliseconds between keys: ten a second are faster than anybody types
PASSWORD = "demo-demo"
WATCH = """
window.painted = [];
addEventListener("keydown", (event) => requestAnimationFrame(() => {
    const drawn = new MessageChannel();  // its message comes when the frame has been made
    drawn.port1.onmessage = () => painted.push(performance.now() - event.timeStamp);
    drawn.port2.postMessage(0);
}), true);
addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => setTimeout(() => { window.ready = performance.now(); })));
"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/paint.db"
        with m.open_database(url).connection_context():
            m.migrate()
            course = prepare()
        with serving(url, Path(folder)) as address:
            for row in measured(address, course):
                print(json.dumps(row))


def prepare() -> int:
    """The number of the course whose grid is measured, in an empty migrated database that is open; half of its cells are full."""
    s = f.school(SIZE[0])
    f.account(s.teacher, "teacher", PASSWORD)
    days = (f.QUARTERS[1][0] + timedelta(days=n) for n in range(45))
    free = ((day, number) for day, number in product(days, range(1, 7)) if day.isoweekday() < 6 and (number != 3 or day not in s.lessons))
    with m.writing(Actor("bench", f.SYSTEM.at, via="shell")):
        m.School.update(clock_offset=clock.offset_to(f.NOW)).execute()
        more = [f.lesson(s.course, s.teacher, *place) for place in islice(free, SIZE[1] - len(s.lessons))]
        marks = cycle(("5", "", "4", "", "3", "", ""))
        for lesson, pupil in product([*s.lessons.values(), *more], s.pupils):
            if lesson.day <= f.TODAY and (value := next(marks)):
                f.mark(lesson, pupil, value)
    return s.course.id


def measured(address: str, course: int):
    """Yields (what, milliseconds, what is asked for)."""
    with chromium_at_work() as browser:
        page = browser.new_context(viewport=WIDE, locale="ru-RU", bypass_csp=True).new_page()
        page.add_init_script(WATCH)
        sign_in(page, address, "teacher", PASSWORD)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(f"{address}/journal/{course}")
        page.wait_for_function("window.ready")
        lessons, cells = (page.locator(f"#journal {each}[data-lesson]").count() for each in ("th", "td"))
        yield f"first paint, {cells // lessons}×{lessons}", page.evaluate(FIRST_PAINT), ""
        yield "ready for keys", page.evaluate("window.ready"), "1000 ms"
        page.locator("#journal td[tabindex='0']").first.focus()
        for what, keys in KEYS.items():
            taken = times(page, keys)
            yield f"{what} on screen, p50", taken[len(taken) // 2], "16 ms"
            yield f"{what} on screen, p95", taken[int(len(taken) * 0.95)], "16 ms"
        page.evaluate("document.body.replaceChildren()")
        taken = times(page, "a" * 36)
        yield "a key on an empty page, p50", taken[len(taken) // 2], "what the browser takes"


def times(page, keys) -> list[float]:
    """Milliseconds from each key to the frame that shows it, the shortest first."""
    page.evaluate("painted.length = 0")
    for number, key in enumerate(keys, 1):
        page.keyboard.press(key)
        page.wait_for_function(f"painted.length >= {number}")
        page.wait_for_timeout(BETWEEN)
    return sorted(page.evaluate("painted"))


if __name__ == "__main__":
    main()
