// What is looked at: columns hidden by lesson or by kind of work, columns that stay in sight, and the way to a pupil by letters.
// Kept in this browser for the account and the journal.

import {byId, cellIn, columnOf, heads, hidden, kinds, lines, rowOf, table} from "./grid-table.js";
import {h, say, words} from "./grid-pop.js";
import * as selection from "./grid-select.js";
import * as sums from "./grid-sums.js";

const STORE = `grid-${document.querySelector('meta[name="account"]')?.content || ""}-${table.dataset.course}`;
const LAYOUT = Object.fromEntries([..."qwertyuiop[]asdfghjkl;'zxcvbnm,.`"].map((key, place) => [key, "йцукенгшщзхъфывапролджэячсмитьбюё"[place]]));
const SUMS = "sums";  // the four columns at the right are pinned together
const spans = [...table.tHead.rows].slice(0, 2).map((row) => [...row.cells].filter((cell) => cell.scope === "colgroup" && !cell.classList.contains("edge")).map((cell) => [cell, cell.colSpan]));
let view = {hide: [], off: [], pin: []};

export function start() {
  try { view = {...view, ...JSON.parse(localStorage.getItem(STORE) || "{}")}; } catch { /* nothing was kept */ }
  if (view.hide.length || view.off.length || view.pin.length) apply();
  byId("view", (node) => { node.hidden = false; node.addEventListener("click", open); });
  byId("unhide", (node) => node.addEventListener("click", showAll));
  byId("find", (node) => {
    node.hidden = false;
    node.addEventListener("input", () => find(node));
    node.addEventListener("keydown", (event) => findKey(node, event));
  });
}

// ---- columns ----

function nameOf(column) { const {lesson, work} = heads[column].dataset; return `${lesson}|${work || ""}`; }

function change(edit) {
  edit();
  try { localStorage.setItem(STORE, JSON.stringify(view)); } catch { /* full or forbidden: kept for this page only */ }
  apply();
}

function toggled(list, name, on) { return on ? [...new Set([...list, name])] : list.filter((each) => each !== name); }

export function hideColumn() {
  const column = columnOf(selection.active);
  if (!heads[column] || heads.length - hidden.size < 2) return;
  if (!selection.move(0, 1)) selection.move(0, -1);
  change(() => { view.hide = toggled(view.hide, nameOf(column), true); });
}

export function pinColumn() {
  const column = columnOf(selection.active), name = heads[column] ? nameOf(column) : SUMS;
  change(() => { view.pin = toggled(view.pin, name, !view.pin.includes(name)); });
}

function showAll() { change(() => { view.hide = []; view.off = []; }); }

function apply() {
  const away = new Set(heads.keys());
  heads.forEach((head, column) => { if (!view.hide.includes(nameOf(column)) && !view.off.includes(head.dataset.k)) away.delete(column); });
  if (away.size === heads.length) away.clear();
  heads.forEach((_, column) => { if (away.has(column) !== hidden.has(column)) show(column, !away.has(column)); });
  spans.forEach((row) => {
    let column = 0;
    for (const [head, width] of row) {
      const seen = Array.from({length: width}, (_, place) => column + place).filter((each) => !hidden.has(each)).length;
      head.hidden = !seen;
      head.colSpan = seen || 1;
      column += width;
    }
  });
  window.journalRows.lay(hidden);
  pin();
  selection.measureAnew();
  byId("unhide", (node) => { node.hidden = !hidden.size; node.textContent = say(words.hiddenColumns, {n: hidden.size}); });
}

function show(column, on) {
  if (on) hidden.delete(column); else hidden.add(column);
  const cols = separate();
  for (const node of [heads[column], kinds[column], cols[column + 1], ...[...lines].map((line) => line.cells[column + 1])]) node.hidden = !on;
  sums.hideBelow(column, !on);
}

// One <col> a column, so that one can be taken away.
function separate() {
  const group = table.querySelector("colgroup");
  for (const col of group.querySelectorAll("col[span]")) {
    const width = col.span;
    col.removeAttribute("span");
    for (let place = 1; place < width; place += 1) col.after(col.cloneNode());
  }
  return group.children;
}

// Pinned columns stay at the edge they would leave by.
function pin() {
  for (const cell of table.querySelectorAll(".pin")) { cell.classList.remove("pin"); cell.style.left = ""; cell.style.right = ""; }
  const held = [...heads.keys()].filter((column) => !hidden.has(column) && view.pin.includes(nameOf(column))), atRight = view.pin.includes(SUMS) ? 4 : 0;
  held.forEach((column, place) => cellsOf(column).forEach((cell) => stick(cell, `calc(var(--nm) + ${place} * var(--c))`, `calc(${held.length - 1 - place} * var(--c) + ${atRight} * var(--sum))`)));
  if (!atRight) return;
  for (let place = 0; place < 4; place += 1) {
    const cells = [...[...lines].map((line) => line.cells[heads.length + 1 + place]), table.tHead.rows[1].cells[table.tHead.rows[1].cells.length - 4 + place], sums.footCell(heads.length + place)];
    cells.filter(Boolean).forEach((cell) => stick(cell, "", `calc(${cell.colSpan > 1 ? 0 : 3 - place} * var(--sum))`));
  }
  stick(table.tHead.rows[0].cells[table.tHead.rows[0].cells.length - 1], "", "0px");
}

function cellsOf(column) { return [heads[column], kinds[column], ...[...lines].map((line) => line.cells[column + 1]), sums.footCell(column)].filter(Boolean); }

function stick(cell, left, right) {
  cell.classList.add("pin");
  cell.style.left = left;
  cell.style.right = right;
}

// ---- the dialog ----

export function open() {
  const names = [...new Set(heads.map((head) => head.dataset.k))];
  const check = (label, on, act) => h("label", {}, h("input", {type: "checkbox", checked: on, change: (event) => act(event.target.checked)}), label);
  const line = (head, column) => h("tr", {}, h("th", {scope: "row"}, `${head.querySelector("b").textContent} ${month(head)} · ${head.dataset.k}`),
    h("td", {}, check(words.shown, !view.hide.includes(nameOf(column)), (on) => change(() => { view.hide = toggled(view.hide, nameOf(column), !on); }))),
    h("td", {}, check(words.pinned, view.pin.includes(nameOf(column)), (on) => change(() => { view.pin = toggled(view.pin, nameOf(column), on); }))));
  const box = h("dialog", {class: "dialog broad flow", "aria-labelledby": "view-title"}, h("h2", {id: "view-title"}, words.view),
    h("fieldset", {}, h("legend", {}, words.kindsShown), h("div", {class: "checks"}, ...names.map((name) => check(name, !view.off.includes(name), (on) => change(() => { view.off = toggled(view.off, name, !on); }))))),
    h("div", {class: "checks"}, check(words.pinSums, view.pin.includes(SUMS), (on) => change(() => { view.pin = toggled(view.pin, SUMS, on); }))),
    h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": words.lessons}, h("table", {class: "table pick-view"}, h("tbody", {}, ...heads.map(line)))),
    h("div", {class: "line"}, h("button", {type: "button", class: "btn primary", click: () => box.close()}, words.close),
      h("button", {type: "button", class: "btn", click: () => { showAll(); box.close(); }}, words.showAll),
      h("button", {type: "button", class: "btn", click: () => { box.close(); window.print(); }}, words.printView)));
  box.addEventListener("close", () => { box.remove(); (selection.active || document.getElementById("view")).focus({preventScroll: true}); });
  document.body.append(box);
  box.showModal();
}

function month(head) { return new Intl.DateTimeFormat(document.documentElement.lang, {day: "numeric", month: "short"}).formatToParts(new Date(`${head.dataset.date}T12:00`)).find((part) => part.type === "month").value; }

// ---- to a pupil ----

export function goFind() { byId("find", (node) => { node.focus(); node.select(); }); }

function matches(typed) {
  const asked = fold(typed), other = fold([...typed.toLowerCase()].map((key) => LAYOUT[key] || key).join(""));
  return [...lines].filter((line) => { const name = fold(line.cells[0].lastChild.textContent); return asked && [asked, other].some((each) => name.startsWith(each) || name.includes(` ${each}`)); });
}

function fold(text) { return text.trim().toLowerCase().replace(/ё/g, "е"); }

function find(node, step = 0) {
  const found = matches(node.value), at = found.findIndex((line) => line.classList.contains("at"));
  byId("found", (status) => { status.textContent = node.value ? say(words.found, {n: found.length}) : ""; });
  const line = found[step ? (at + step + found.length) % found.length : 0];
  if (!line) return;
  table.querySelector("tr.at")?.classList.remove("at");
  line.classList.add("at");
  line.scrollIntoView({block: "nearest", inline: "nearest"});
  node.dataset.row = line.sectionRowIndex;
}

function findKey(node, event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); find(node, event.key === "ArrowDown" ? 1 : -1); return; }
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  const active = selection.active, found = event.key === "Enter" && matches(node.value).length;
  node.value = "";
  byId("found", (status) => { status.textContent = ""; });
  if (active) active.parentElement.classList.add("at");
  if (!found) { if (active) selection.select(active); else selection.toToday(); return; }
  const row = Number(node.dataset.row);
  if (!active) selection.toToday();
  lines[row].classList.toggle("at", row === rowOf(selection.active));
  const column = columnOf(selection.active), cell = cellIn(row, column) || lines[row].querySelector("[data-pupil]:not([hidden])");
  if (cell) selection.select(cell);
}
