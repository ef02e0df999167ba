// The journal's table as rows and columns, by the page's own indexes: a sheet of 40 × 120 cells needs no index at the start.
// A cell is told by its row and its visual column; lessons come first, the mark of the period is the last column.

export const table = document.getElementById("journal"), sheet = table.closest(".sheet"), body = table.tBodies[0], lines = body.rows;
export const heads = [...table.querySelectorAll(".days th")], kinds = [...table.tHead.rows[3].cells];
export const RESULT = heads.length + 3, RESULTS = JSON.parse(table.dataset.values || "[]");
export const hidden = new Set();  // columns that are not shown
export const language = document.documentElement.lang;

const saved = new WeakMap();  // cell → the text the journal holds, while another one is shown
const unmarked = new Map();  // cell → [text, state] that it is about to show
const columns = new Map(heads.map((head, column) => [`${head.dataset.lesson}|${head.dataset.work || ""}`, column]));
let pupils = null, days = null;

export function byId(id, use) { const node = document.getElementById(id); if (node) use(node); }

export function cellOf(node) { return node?.closest?.("#journal td[data-pupil]") || null; }

export function rowOf(cell) { return cell.parentElement.sectionRowIndex; }

export function columnOf(cell) { return cell.cellIndex - 1; }

// The cell, or null where nothing can be chosen.
export function cellIn(row, column) {
  const cell = lines[row]?.cells[column + 1];
  return cell?.dataset.pupil ? cell : null;
}

export function headOf(cell) { return cell.dataset.period ? null : heads[columnOf(cell)]; }

function columnAt(lesson, work = "") { return columns.get(`${lesson}|${work}`) ?? -1; }

export function placeOf(cell) { const {pupil, lesson = "", work = "", period = ""} = cell.dataset; return [pupil, lesson, work, period].join("|"); }

export function cellAt(place) {
  const [pupil, lesson, work, period] = place.split("|");
  pupils ||= new Map([...lines].map((line) => [line.querySelector("[data-pupil]")?.dataset.pupil, line.sectionRowIndex]));
  const cell = pupils.has(pupil) ? cellIn(pupils.get(pupil), period ? RESULT : columnAt(lesson, work)) : null;
  return cell && (!period || cell.dataset.period === period) ? cell : null;
}

export function placeIn(cell) {
  return Object.fromEntries(["pupil", "lesson", "work", "period"].filter((name) => cell.dataset[name]).map((name) => [name, Number(cell.dataset[name])]));
}

export function valueOf(cell) { return saved.has(cell) ? saved.get(cell) : cell.textContent; }

export function hold(cell, value) { saved.set(cell, value); }

export function writable(cell) { return cell.dataset.period ? "results" in table.dataset : "writes" in table.dataset; }

export function nameOf(cell) { return cell.parentElement.cells[0].lastChild.textContent; }

export function dayOf(cell) {
  const head = headOf(cell);
  if (!head) return table.dataset.period;
  days ||= new Intl.DateTimeFormat(language, {day: "numeric", month: "short", weekday: "short"});
  return days.format(new Date(`${head.dataset.date}T12:00`));
}

export function mark(cell, text, state) {
  unmarked.delete(cell);
  if (cell.textContent !== text) cell.textContent = text;
  if (state) cell.dataset.s = state; else if (cell.dataset.s) delete cell.dataset.s;
}

// The same after the key is on the screen: until then the frame around the cell shows the text (grid-select).
export function markLater(cell, text, state) {
  unmarked.set(cell, [text, state]);
  later("marks", () => { unmarked.forEach(([words, sign], each) => mark(each, words, sign)); });
}

// What the cell shows, or is about to.
export function shownIn(cell) { return unmarked.has(cell) ? unmarked.get(cell)[0] : cell.textContent; }

// ---- after the key is on the screen ----

const waiting = new Map();

// Does something once the next frame is painted; asked again under the same name before, only the last is done.
export function later(name, act) {
  if (!waiting.size) {
    const run = () => { const acts = [...waiting.values()]; waiting.clear(); acts.forEach((each) => each()); };
    if (document.visibilityState === "visible") requestAnimationFrame(() => setTimeout(run)); else setTimeout(run);
  }
  waiting.delete(name);
  waiting.set(name, act);
}
