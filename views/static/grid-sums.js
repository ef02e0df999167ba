// Averages and absences at the right and below, with whole numbers. Counted from what the cells show, when no key waits.

import {cellIn, heads, hidden, language, later, lines, RESULT, rowOf, shownIn, table, valueOf} from "./grid-table.js";
import {words} from "./grid-pop.js";
import * as rules from "./grid-rules.js";

const rows = new Set(), columns = new Set(), sums = [], means = [], changed = new Set();  // changed: columns, while the class below is counted
const idle = window.requestIdleCallback || ((act) => setTimeout(() => act({timeRemaining: () => 8}), 200));
let foot = null;

// The cell was changed: its row and column are counted anew.
export function touch(cell) {
  rows.add(rowOf(cell));
  columns.add(cell.cellIndex - 1);
  later("sums", () => idle(count, {timeout: 300}));
}

function count() {
  rows.forEach(countRow);
  if (foot) { columns.forEach(countColumn); countAll(); } else columns.forEach((column) => changed.add(column));
  rows.clear();
  columns.clear();
}

// The class below: built when the browser has nothing else to do, a part at a time, so that no key waits for it.
export function start(built) {
  const parts = counting();
  const go = (time) => {
    for (let next = parts.next(); !next.done; next = parts.next()) if (time.timeRemaining() < 3) { idle(go, {timeout: 500}); return; }
    build();
    built();
  };
  idle(go, {timeout: 2000});
}

function* counting() {
  for (let row = 0; row < lines.length; row += 1) { sums[row] ||= sum(row); yield; }
  for (let column = 0; column <= RESULT; column += 1) if (column < heads.length || column === RESULT) { means[column] = mean(column); yield; }
}

function build() {
  const row = document.createElement("tr"), name = document.createElement("th");
  name.className = "p";
  name.scope = "row";
  name.textContent = words.classMean;
  row.append(name);
  for (let column = 0; column <= RESULT; column += 1) {
    const cell = row.insertCell();
    if (column >= heads.length) cell.className = column === heads.length ? "edge calc" : "calc";
    cell.hidden = hidden.has(column);
    cell.textContent = means[column] || "";
  }
  table.createTFoot().append(row);
  foot = row;
  changed.forEach(countColumn);
  changed.clear();
  countAll();
}

export function hideBelow(column, hide) { if (foot) foot.cells[column + 1].hidden = hide; }

export function footCell(column) { return foot?.cells[column + 1] || null; }

function shown(cell) { return cell ? shownIn(cell) : ""; }

// What the lessons of a row come to.
function sum(row) {
  let total = 0, weight = 0, missed = 0;
  heads.forEach((head, column) => {
    const value = shown(cellIn(row, column)), heavy = Number(head.dataset.w || 1);
    if (!value) return;
    missed += rules.missed(value);
    for (const each of rules.worthIn(value)) { total += each * heavy; weight += heavy; }
  });
  return {total, weight, missed};
}

function countRow(row) {
  const last = cellIn(row, RESULT), {total, weight, missed} = sums[row] = sum(row);
  if (!last) return;
  const computed = rules.earned(total, weight), far = rules.departure(valueOf(last), computed);
  const [mean, absent, mark] = [...lines[row].cells].slice(-4);
  set(mean, weight && rules.averaged ? shownMean(total, weight, rules.steps) : "");
  set(absent, missed ? String(missed) : "");
  set(mark, computed);
  last.classList.toggle("up", far > 0);
  last.classList.toggle("down", far < 0);
}

function countColumn(column) {
  if (column === RESULT || column < heads.length) set(foot.cells[column + 1], mean(column));
}

function mean(column) {
  let total = 0, count = 0;
  for (let row = 0; row < lines.length; row += 1) for (const each of rules.worthIn(shown(cellIn(row, column)))) { total += each; count += 1; }
  return count && rules.averaged ? shownMean(total, count, []) : "";
}

// The class's weighted mean, and its absences.
function countAll() {
  const [total, weight, missed] = ["total", "weight", "missed"].map((part) => sums.reduce((all, each) => all + each[part], 0));
  set(foot.cells[heads.length + 1], weight && rules.averaged ? shownMean(total, weight, []) : "");
  set(foot.cells[heads.length + 2], missed ? String(missed) : "");
}

function set(cell, text) { if (cell.textContent !== text) cell.textContent = text; }

// Two digits; more when two would show a threshold that is not reached.
function shownMean(total, weight, thresholds) {
  for (let digits = 2; ; digits += 1) {
    const unit = 10 ** digits, scaled = Math.floor((2 * total * unit + weight) / (2 * weight));
    const fits = thresholds.every((step) => (100 * total >= step * weight) === (scaled * 100 >= step * unit));
    if (fits || digits > 6) return (scaled / unit).toFixed(digits).replace(".", language === "ru" ? "," : ".");
  }
}
