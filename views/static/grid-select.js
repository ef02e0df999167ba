// What is chosen: the active cell, the range to it from its corner, and what the line above tells of it.

import {cellIn, cellOf, columnOf, dayOf, headOf, heads, hidden, later, lines, nameOf, RESULT, rowOf, sheet, table} from "./grid-table.js";
import {say, words} from "./grid-pop.js";

export let active = null;

const line = document.getElementById("state"), lit = new Set();  // cells of the range
const scrolled = {left: 0, top: 0, page: 0};
let corner = null, stop = null, known = null, sizes = null, stateOf = () => "";  // known: the active cell as the page has been told

// The frame around the active cell is a box over the sheet: to move it, or to show in it what is typed, paints no row of 120 cells.
// Moved and shown by animations that stand still: only of what is animated does Chromium not ask, at each step, which layers it covers now.
const frame = document.createElement("div"), typed = frame.appendChild(document.createElement("b")), text = typed.appendChild(new Text(" "));
frame.className = "frame";
frame.hidden = true;
frame.setAttribute("aria-hidden", "true");
sheet.append(frame);
const carry = still(frame, "transform", "none"), cover = still(typed, "opacity", 0);

// A function that gives a property of a box another value.
function still(box, property, start) {
  const animation = box.animate({[property]: [start, start]}, {duration: 1, fill: "both"});
  let last = start;
  animation.pause();
  return (value) => { if (value !== last) animation.effect.setKeyframes({[property]: [value, value]}); last = value; };
}

// `words(cell)` gives what is to be said of a cell's state.
export function start(tellState) {
  stateOf = tellState;
  const cell = today();
  if (!cell) return;
  stop = cell;
  cell.tabIndex = 0;
  const right = cell.offsetLeft + cell.offsetWidth;
  if (right > sheet.clientWidth) sheet.scrollLeft = right - sheet.clientWidth + 40;
  const first = sheet.scrollLeft;
  sheet.addEventListener("scroll", () => {
    Object.assign(scrolled, {left: sheet.scrollLeft, top: sheet.scrollTop});
    if (scrolled.left !== first || scrolled.top) window.journalRows.finish();
  }, {passive: true});
  window.addEventListener("scroll", () => { scrolled.page = window.scrollY; }, {passive: true});
  window.addEventListener("resize", measureAnew);
}

// ---- choosing ----

// A key moves the frame and no more; once that is on the screen the page is told: the focus, the tab stop, who is chosen.
export function select(cell, extend = false) {
  window.journalRows.need(cell);
  reveal(cell);
  cover(0);
  active = cell;
  if (!cell.hasAttribute("tabindex")) cell.tabIndex = -1;
  if (!extend || !corner) corner = cell;
  light(corner === cell ? [] : cells());
  later("settle", settle);
  if (!cellOf(document.activeElement)) { settle(); cell.focus({preventScroll: true}); }
}

function settle() {
  if (known !== active) {
    known?.classList.remove("sel");
    if (known?.parentElement !== active.parentElement) known?.parentElement.classList.remove("at");
    if (!lit.has(known)) known?.removeAttribute("aria-selected");
    if (stop !== active) stop.tabIndex = -1;
    known = stop = active;
  }
  active.parentElement.classList.add("at");
  active.classList.toggle("sel", active.classList.contains("pin"));
  active.setAttribute("aria-selected", "true");
  active.tabIndex = 0;
  const at = document.activeElement;  // the body, when the column it was in has been hidden
  if (at !== active && (at === document.body || cellOf(at))) active.focus({preventScroll: true});
  describe(active);
}

// What is typed in the active cell, until the cell itself shows it.
export function show(draft) {
  if (text.data !== draft) text.data = draft;
  cover(1);
  later("shown", () => cover(0));
}

// Only cells whose part in the range changed are touched.
function light(chosen) {
  const next = new Set(chosen);
  for (const cell of lit) if (!next.has(cell)) { cell.classList.remove("rng"); if (cell !== active) cell.removeAttribute("aria-selected"); lit.delete(cell); }
  for (const cell of next) if (!lit.has(cell)) { cell.classList.add("rng"); cell.setAttribute("aria-selected", "true"); lit.add(cell); }
}

// [first row, first column, last row, last column] of the range; the active cell alone without one.
export function box() {
  const [a, b, c, d] = [rowOf(corner || active), columnOf(corner || active), rowOf(active), columnOf(active)];
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

// Rows of the range's cells as they are seen, null where nothing can be chosen.
export function block() {
  const [top, left, bottom, right] = box(), rows = [];
  for (let row = top; row <= bottom; row += 1) {
    rows.push([]);
    for (let column = left; column <= right; column += 1) if (!hidden.has(column)) rows[row - top].push(cellIn(row, column));
  }
  return rows;
}

export function cells() { return block().flat().filter(Boolean); }

export function isRange() { return corner !== null && corner !== active; }

export function selectColumn() {
  const column = columnOf(active), rows = [...lines].map((_, row) => cellIn(row, column)).filter(Boolean);
  corner = rows[0];
  select(rows[rows.length - 1], true);
}

export function collapse() { corner = active; light([]); }

// ---- moving ----

export function move(down, right, extend = false) {
  const next = beyond(active, down, right);
  if (next) select(next, extend);
  return Boolean(next);
}

export function toEdge(down, right, extend = false) {
  let cell = active;
  for (let next = cell; next; next = beyond(next, down, right)) cell = next;
  select(cell, extend);
}

function beyond(cell, down, right) {
  let row = rowOf(cell), column = columnOf(cell);
  for (;;) {
    row += down; column += right;
    if (row < 0 || column < 0 || row >= lines.length || column > RESULT) return null;
    const next = hidden.has(column) ? null : cellIn(row, column);
    if (next) return next;
  }
}

export function toToday() {
  const cell = today(active ? rowOf(active) : -1);
  if (cell) select(cell);
}

// The cell of today's lesson, or of the last one that was: in a row, or in the first that has one.
function today(row = -1) {
  let column = heads.findIndex((head) => head.hasAttribute("aria-current"));
  if (column < 0) column = heads.filter((head) => head.dataset.date <= table.dataset.today).length - 1;
  column = Math.max(0, column);
  while (hidden.has(column) && column < heads.length - 1) column += 1;
  if (row >= 0) return cellIn(row, column);
  for (let each = 0; each < lines.length; each += 1) if (cellIn(each, column)) return cellIn(each, column);
  return cellOf(table.querySelector("td[data-pupil]"));
}

// Names at the left, the head and the class below must not cover the cell. Places are reckoned from sizes that are known, not asked of
// the page at each key: asking would lay it out twice.
function reveal(cell) {
  const size = sizes ||= measured(), {left, top} = scrolled, [x, y, width] = placeOf(cell, size);
  if (!cell.classList.contains("pin")) {
    if (x < left + size.names) sheet.scrollLeft = scrolled.left = x - size.names;
    else if (x + width > left + size.width) sheet.scrollLeft = scrolled.left = x + width - size.width + 2;
  }
  if (y < top + size.head) sheet.scrollTop = scrolled.top = y - size.head;
  else if (y + size.row > top + size.height - size.foot) sheet.scrollTop = scrolled.top = y + size.row + size.foot - size.height + 2;
  const onPage = size.top + y - scrolled.top - scrolled.page;
  if (onPage < size.head || onPage + size.row + size.foot > size.window) { cell.scrollIntoView({block: "nearest", inline: "nearest"}); scrolled.page = window.scrollY; }
  enclose(cell, x, y, width, size.row);
}

function placeOf(cell, size) {
  const column = columnOf(cell), place = column < heads.length ? shownBefore(column) : heads.length - hidden.size;
  return [size.names + place * size.column + (column > heads.length ? 3 * size.sum : 0), size.head + rowOf(cell) * size.row, column < heads.length ? size.column : size.sum];
}

// A pinned cell goes along with the scrolling and is framed itself.
function enclose(cell, x, y, width, height) {
  const pinned = cell.classList.contains("pin");
  frame.hidden = pinned;
  if (pinned) { cell.classList.add("sel"); return; }
  carry(`translate(${x}px, ${y}px)`);
  frame.style.width = `${width}px`;
  frame.style.height = `${height}px`;
}

function shownBefore(column) { let count = 0; for (let each = 0; each < column; each += 1) if (!hidden.has(each)) count += 1; return count; }

function measured() {
  const first = lines[0].cells, foot = table.tFoot?.offsetHeight || 0, column = heads.findIndex((_, each) => !hidden.has(each));
  Object.assign(scrolled, {left: sheet.scrollLeft, top: sheet.scrollTop, page: window.scrollY});
  return {names: first[0].offsetWidth, column: first[column + 1].getBoundingClientRect().width, sum: first[first.length - 1].getBoundingClientRect().width / first[first.length - 1].colSpan,
    row: lines[0].getBoundingClientRect().height, head: table.tHead.offsetHeight, foot, width: sheet.clientWidth, height: sheet.clientHeight,
    top: sheet.getBoundingClientRect().top + window.scrollY, window: window.innerHeight};
}

// Columns were hidden or shown, or the window has another size.
export function measureAnew() {
  sizes = null;
  if (active) later("frame", () => { sizes ||= measured(); enclose(active, ...placeOf(active, sizes), sizes.row); });
}

// ---- the line above ----

function describe(cell) {
  const head = headOf(cell), last = table.tHead.querySelector("th[data-d]:not([data-lesson])");
  const parts = head ? [head.querySelector("a")?.getAttribute("aria-label") || dayOf(cell), head.dataset.k, head.dataset.t && `«${head.dataset.t}»`, head.dataset.d]
    : [table.dataset.period, last?.dataset.d];
  document.getElementById("who").textContent = nameOf(cell);
  document.getElementById("what").textContent = parts.filter(Boolean).join(" · ");
  tell(lit.size ? say(words.chosen, {n: lit.size}) : stateOf(cell));
}

export function tell(text) { later("tell", () => { if (line.textContent !== text) line.textContent = text; }); }
