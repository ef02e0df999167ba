// The grid of a journal by keyboard, mouse and finger. The page is a plain table without it.
// A cell keeps its last saved text in `saved`, its version in data-version, and its state in data-s.

import {Sender} from "./grid-send.js";
import * as pop from "./grid-pop.js";

const {words, say} = pop;
const table = document.getElementById("journal"), sheet = table.closest(".sheet");
const LETTERS = {KeyY: "н", Comma: "б", KeyE: "у", KeyJ: "о"};  // the same keys on both layouts
const KEYS = ["5", "4", "3", "2", ".", "н", "б", "у", "о"], RESULTS = JSON.parse(table.dataset.values || "[]");
const MISSED = ["н", "б", "у", "нп", "от"], POLL = 15000;
const saved = new Map(), trouble = new Map(), undone = [];
const heads = [...table.querySelectorAll(".days th")], rows = matrix();
let active = null, corner = null, draft = null, since = Number(table.dataset.since);

const sender = new Sender(table.dataset.course, {answer: answered, wait, sent});
start();

function start() {
  table.setAttribute("role", "grid");
  rows.flat().filter(Boolean).forEach((cell, number) => { cell.tabIndex = number ? -1 : 0; });
  table.addEventListener("focusin", (event) => { const cell = cellOf(event.target); if (cell && cell !== active) select(cell); });
  table.addEventListener("keydown", pressed);
  table.addEventListener("click", clicked);
  document.addEventListener("copy", copy);
  document.addEventListener("paste", paste);
  document.addEventListener("pointerdown", (event) => { if (pop.kind() === "keys" && !pop.contains(event.target) && !cellOf(event.target)) restore(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && pop.contains(event.target)) { giveUp(); event.preventDefault(); } });
  sheet.addEventListener("scroll", pop.place, {passive: true});
  window.addEventListener("resize", pop.place);
  byId("history", (node) => { node.hidden = false; node.addEventListener("click", showHistory); });
  byId("keys", (node) => { node.hidden = false; node.addEventListener("click", pop.map); });
  byId("by-rule", (node) => { node.hidden = false; node.addEventListener("click", () => putAsComputed(node)); });
  toToday();
  for (const [place, cell] of sender.restore()) { const node = cellAt(place); if (node) mark(node, cell.value, "wait"); }
  setInterval(look, POLL);
  document.addEventListener("visibilitychange", look);
}

function byId(id, use) { const node = document.getElementById(id); if (node) use(node); }

// Rows of cells by visual column; null where nothing can be chosen.
function matrix() {
  return [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1).flatMap(
    (cell) => Array.from({length: cell.colSpan}, (_, number) => (number === 0 && cell.dataset.pupil ? cell : null))));
}

function cellOf(node) { return node.closest?.("#journal td[data-pupil]") || null; }

function placeOf(cell) { const {pupil, lesson = "", work = "", period = ""} = cell.dataset; return [pupil, lesson, work, period].join("|"); }

function cellAt(place) {
  const [pupil, lesson, work, period] = place.split("|");
  const where = period ? `[data-period="${period}"]` : `[data-lesson="${lesson}"]${work ? `[data-work="${work}"]` : ":not([data-work])"}`;
  return table.querySelector(`td[data-pupil="${pupil}"]${where}`);
}

function at(cell) {
  const row = rows.findIndex((cells) => cells.includes(cell));
  return [row, rows[row].indexOf(cell)];
}

function valueOf(cell) { return saved.has(cell) ? saved.get(cell) : cell.textContent; }

function writable(cell) { return cell.dataset.period ? "results" in table.dataset : "writes" in table.dataset; }

// ---- choosing ----

function select(cell, extend = false) {
  if (draft !== null && active && cell !== active) commit();
  if (pop.isOpen() && !pop.isOpen(cell)) pop.close();
  for (const node of table.querySelectorAll(".sel, .rng")) { node.classList.remove("sel", "rng"); node.removeAttribute("aria-selected"); }
  table.querySelector("tr.on")?.classList.remove("on");
  for (const node of table.querySelectorAll('td[tabindex="0"]')) node.tabIndex = -1;
  if (!extend) corner = cell;
  active = cell;
  range().forEach((node) => node.classList.add("rng"));
  cell.classList.add("sel");
  cell.setAttribute("aria-selected", "true");
  cell.tabIndex = 0;
  cell.parentElement.classList.add("on");
  if (document.activeElement !== cell) cell.focus({preventScroll: true});
  reveal(cell);
  describe(cell);
  if (trouble.has(cell)) showTrouble(cell, false);
}

// Sticky names and heads must not cover the cell.
function reveal(cell) {
  const box = cell.getBoundingClientRect(), frame = sheet.getBoundingClientRect();
  const names = table.tHead.rows[0].cells[0].getBoundingClientRect().width, head = table.tHead.getBoundingClientRect().height;
  if (box.left < frame.left + names) sheet.scrollLeft -= frame.left + names - box.left;
  else if (box.right > frame.right) sheet.scrollLeft += box.right - frame.right + 2;
  if (box.top < frame.top + head) sheet.scrollTop -= frame.top + head - box.top;
  else if (box.bottom > frame.bottom) sheet.scrollTop += box.bottom - frame.bottom + 2;
  cell.scrollIntoView({block: "nearest", inline: "nearest"});
}

function range() {
  if (!corner || corner === active) return [];
  const [top, left] = at(corner), [bottom, right] = at(active);
  return rows.slice(Math.min(top, bottom), Math.max(top, bottom) + 1)
    .flatMap((cells) => cells.slice(Math.min(left, right), Math.max(left, right) + 1)).filter(Boolean);
}

function move(down, right, extend = false) {
  let [row, column] = at(active);
  for (;;) {
    row += down; column += right;
    if (row < 0 || column < 0 || row >= rows.length || column >= rows[row].length) return false;
    if (rows[row][column]) { select(rows[row][column], extend); return true; }
  }
}

function toEnd(last) {
  const cells = rows[at(active)[0]].filter(Boolean);
  select(cells[last ? cells.length - 1 : 0]);
}

function toToday(focus = false) {
  const column = heads.findIndex((head) => head.hasAttribute("aria-current"));
  const past = column >= 0 ? column : heads.filter((head) => head.dataset.date <= table.dataset.today).length - 1;
  const row = focus && active ? at(active)[0] : rows.findIndex((cells) => cells[Math.max(0, past)]);
  const cell = rows[row]?.[Math.max(0, past)];
  if (!cell) return;
  if (focus) { select(cell); return; }
  for (const node of table.querySelectorAll('td[tabindex="0"]')) node.tabIndex = -1;
  cell.tabIndex = 0;
  const frame = sheet.getBoundingClientRect(), box = cell.getBoundingClientRect();
  if (box.right > frame.right) sheet.scrollLeft += box.right - frame.right + 40;
}

function headOf(cell) { return heads[at(cell)[1]]; }

function describe(cell) {
  const name = cell.parentElement.cells[0].cloneNode(true);
  name.querySelector("i")?.remove();
  const head = cell.dataset.period ? null : headOf(cell);
  const last = table.tHead.querySelector("th[data-d]:not([data-lesson])");
  const parts = head ? [head.querySelector("a").getAttribute("aria-label") || dayOf(head), head.dataset.k, head.dataset.t && `«${head.dataset.t}»`, head.dataset.d]
    : [table.dataset.period, last?.dataset.d];
  document.getElementById("who").textContent = name.textContent;
  document.getElementById("what").textContent = parts.filter(Boolean).join(" · ");
  tell(words[{wait: "wait", saved: "saved", refused: "refused", reason: "reason_required", conflict: "conflict"}[cell.dataset.s]] || "");
}

function dayOf(head) {
  return new Intl.DateTimeFormat(document.documentElement.lang, {day: "numeric", month: "short", weekday: "short"}).format(new Date(`${head.dataset.date}T12:00`));
}

function tell(text) { document.getElementById("state").textContent = text; }

// ---- keys ----

function pressed(event) {
  if (!cellOf(event.target) || event.altKey) return;
  if (event.ctrlKey || event.metaKey) { withControl(event); return; }
  const steps = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  if (steps) { take(event, () => move(...steps, event.shiftKey)); return; }
  const act = {
    Enter: () => entered(), Tab: () => tabbed(event.shiftKey), Escape: giveUp, F2: showHistory, F8: comment, Home: () => toEnd(false), End: () => toEnd(true),
    F6: leave, "?": pop.map, Delete: () => clear(), Backspace: () => clear(),
  }[event.key];
  if (act) { take(event, act); return; }
  const typed = letter(event);
  if (typed) take(event, () => type(typed));
}

function take(event, act) { event.preventDefault(); act(); }

function withControl(event) {
  const act = {Home: () => toToday(true), KeyZ: undo, KeyD: fillDown}[event.code === "Home" || event.key === "Home" ? "Home" : event.code];
  if (act) take(event, act);
}

function letter(event) {
  if (/^[0-9./]$/.test(event.key)) return event.key;
  if (draft && /^[а-яё]$/i.test(event.key) && !(event.code in LETTERS && /^[\d/.]*$/.test(draft))) return event.key.toLowerCase();
  if (event.code === "KeyP") return event.shiftKey ? "незач" : "зач";
  return LETTERS[event.code] || null;
}

function entered() {
  if (draft === null && trouble.has(active)) { showTrouble(active, true); return; }
  if (draft === null && active.dataset.period && RESULTS.length && writable(active)) { openKeys(active); pop.enter(); return; }
  commit();
  move(1, 0);
}

function tabbed(back) {
  commit();
  if (!move(0, back ? -1 : 1)) leave();
}

function leave() {
  commit();
  document.querySelector(".head .btn, .head a")?.focus();
}

// Comments are written on the lesson's own page; what is not sent yet waits in this browser.
function comment() {
  commit();
  if (active.dataset.lesson) location.assign(`/lesson/${active.dataset.lesson}?pupil=${active.dataset.pupil}#remarks`);
}

// ---- writing ----

function type(typed) {
  if (!writable(active)) { tell(words.readonly); return; }
  const standing = valueOf(active), before = draft;
  draft = joined(typed, before, standing);
  active.textContent = draft;
  active.classList.add("sel");
  if (pop.isOpen()) pop.close();
  delete active.dataset.s;
  if (!saved.has(active)) saved.set(active, standing);
}

// What the cell becomes when this is typed: a digit starts anew, a second one is a second mark, «о» and marks live together.
function joined(typed, before, standing) {
  if (before !== null) return /^\d$/.test(typed) && /\d$/.test(before) ? `${before}/${typed}` : before + typed;
  const marks = /^[\d/.]+$/.test(standing);
  if (typed === "/") return marks ? `${standing}/` : "";
  if (typed === "о" && marks) return `о ${standing}`;
  if (/^[\d.]$/.test(typed) && /^о(\s|$)/.test(standing)) return `о ${typed}`;
  return typed;
}

function restore() {
  if (draft !== null) active.textContent = valueOf(active);
  draft = null;
  pop.close();
}

function giveUp() {
  const cell = active;
  if (trouble.has(cell)) { settle(cell); } else restore();
  cell?.focus({preventScroll: true});
}

function commit() {
  if (draft === null) return;
  const value = draft.replace(/\/$/, "");
  draft = null;
  put(active, value);
}

function clear() {
  const cells = range().length ? range() : [active];
  draft = null;
  cells.filter(writable).forEach((cell) => put(cell, ""));
}

function put(cell, value, more = {}) {
  if (!writable(cell)) { tell(words.readonly); return; }
  pop.close();
  trouble.delete(cell);
  const standing = valueOf(cell);
  if (value === standing && !more.reason) { cell.textContent = standing; delete cell.dataset.s; return; }
  if (!more.again) undone.push([cell, standing]);
  saved.set(cell, standing);
  mark(cell, value, "wait");
  tell(words.sending);
  sender.put(placeOf(cell), {...placeIn(cell), value, seen: cell.dataset.version, ...(more.reason && {reason: more.reason}), ...(more.protocol && {protocol: more.protocol})});
}

function placeIn(cell) {
  return Object.fromEntries(["pupil", "lesson", "work", "period"].filter((name) => cell.dataset[name]).map((name) => [name, Number(cell.dataset[name])]));
}

function mark(cell, text, state) {
  cell.textContent = text;
  if (state) cell.dataset.s = state; else delete cell.dataset.s;
}

function undo() {
  const last = undone.pop();
  if (!last) return;
  select(last[0]);
  put(last[0], last[1], {again: true});
}

function fillDown() {
  const cells = range();
  if (!cells.length) { const [row, column] = at(active); if (row && rows[row - 1][column]) put(active, valueOf(rows[row - 1][column])); return; }
  const tops = new Map();
  for (const cell of cells) {
    const column = at(cell)[1];
    if (tops.has(column)) put(cell, tops.get(column)); else tops.set(column, valueOf(cell));
  }
}

function putAsComputed(node) {
  for (const cells of rows) {
    const cell = cells[cells.length - 1];
    const computed = cell?.previousElementSibling.textContent;
    if (cell && computed && !valueOf(cell)) put(cell, computed);
  }
  node.hidden = true;
}

function copy(event) {
  if (!active || !table.contains(document.activeElement)) return;
  const chosen = range().length ? range() : [active], [top, left] = at(corner || active), [bottom, right] = at(active);
  const lines = rows.slice(Math.min(top, bottom), Math.max(top, bottom) + 1).map((cells) => cells.slice(Math.min(left, right), Math.max(left, right) + 1)
    .map((cell) => (cell && chosen.includes(cell) ? valueOf(cell) : "")).join("\t"));
  event.clipboardData.setData("text/plain", lines.join("\n"));
  event.preventDefault();
}

function paste(event) {
  if (!active || !table.contains(document.activeElement)) return;
  event.preventDefault();
  const lines = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
  const [row, column] = at(active);
  lines.forEach((line, down) => line.forEach((value, right) => {
    const cell = rows[row + down]?.[column + right];
    if (cell && writable(cell)) put(cell, value.trim());
  }));
}

// ---- answers ----

function answered(place, answer, asked) {
  const cell = cellAt(place);
  if (!cell) return;
  const wanted = asked.value;
  if (!answer.lost) { saved.set(cell, answer.value); cell.dataset.version = answer.version; }
  if (answer.state === "saved" || answer.state === "late") { done(cell, answer); return; }
  trouble.set(cell, {answer: answer.lost ? {...answer, value: valueOf(cell)} : answer, wanted});
  cell.dataset.s = {reason_required: "reason", refused: "refused", conflict: "conflict"}[answer.state] || "refused";
  tell(answer.message || words[answer.state]);
  if (draft === null && !pop.contains(document.activeElement)) showTrouble(cell, answer.state === "reason_required");
}

function done(cell, answer) {
  if (cell !== active || draft === null) mark(cell, answer.value, "saved");
  dress(cell, answer.state === "late");
  tell(answer.message || words[answer.state]);
  recount(cell.parentElement);
}

// The one-letter classes of a cell by what it holds.
function dress(cell, late = cell.classList.contains("l")) {
  const value = valueOf(cell);
  if (cell.dataset.period) return;
  const code = (value.match(/^[а-я]+/) || [""])[0];
  cell.classList.toggle("n", ["н", "нп", "от"].includes(code));
  cell.classList.toggle("b", ["б", "у", "о", "осв"].includes(code));
  cell.classList.toggle("l", late && value !== "");
  cell.classList.toggle("x", value.length > 2);
}

function showTrouble(cell, focus) {
  const {answer, wanted} = trouble.get(cell);
  const layer = {reason_required: pop.reason, conflict: pop.conflict}[answer.state] || pop.refusal;
  const back = document.activeElement;
  layer(cell, answer, wanted, {keep: () => { settle(cell); active?.focus({preventScroll: true}); }, write: (value, more) => writeAnyway(cell, value, more)});
  if (!focus) back?.focus?.({preventScroll: true}); else pop.enter();
}

function settle(cell) {
  trouble.delete(cell);
  pop.close();
  mark(cell, valueOf(cell), "");
  tell("");
}

function writeAnyway(cell, value, more) {
  trouble.delete(cell);
  pop.close();
  active?.focus({preventScroll: true});
  if (!more.clear) { put(cell, value, more); return; }
  put(cell, "");
  sender.flush();
  put(cell, value);
}

function wait(places, why) {
  places.map(cellAt).filter(Boolean).forEach((cell) => { cell.dataset.s = "wait"; });
  byId("offline", (note) => { note.hidden = false; note.querySelector("p").textContent = words[why]; });
  tell(say(words.waiting, {n: places.length}));
}

function sent() {
  byId("offline", (note) => { note.hidden = true; });
  byId("saved", (tag) => {
    const bad = [...trouble.values()].length, clock = new Intl.DateTimeFormat(document.documentElement.lang, {hour: "2-digit", minute: "2-digit"}).format(new Date());
    tag.hidden = false;
    tag.className = `tag ${bad ? "bad" : "ok"}`;
    tag.textContent = bad ? say(words.closed, {n: bad}) : say(words.all, {time: clock});
  });
}

// ---- sums at the right, counted with whole numbers ----

function recount(row) {
  const cells = rows[[...table.tBodies[0].rows].indexOf(row)], last = cells[cells.length - 1];
  if (!last) return;
  let total = 0, weight = 0, missed = 0;
  cells.slice(0, heads.length).forEach((cell, column) => {
    const value = cell ? valueOf(cell) : "", heavy = Number(heads[column].dataset.w || 1);
    missed += MISSED.includes((value.match(/^[а-я]+/) || [""])[0]);
    for (const each of value.replace(/^\D+/, "").split("/")) if (/^\d+$/.test(each)) { total += Number(each) * heavy; weight += heavy; }
  });
  const steps = table.dataset.policy.split(" ").map(Number);
  const computed = weight ? String(5 - (steps.findIndex((step) => 100 * total >= step * weight) + 4) % 4) : "";
  const [mean, absent, mark] = [...row.cells].slice(-4);
  mean.textContent = weight ? shownMean(total, weight, steps) : "";
  absent.textContent = missed || "";
  mark.textContent = computed;
  const result = valueOf(last);
  last.classList.toggle("up", /^\d$/.test(result) && computed !== "" && result > computed);
  last.classList.toggle("down", /^\d$/.test(result) && computed !== "" && result < computed);
}

// Two digits; more when two would show a threshold that is not reached.
function shownMean(total, weight, steps) {
  for (let digits = 2; ; digits += 1) {
    const unit = 10 ** digits, scaled = Math.floor((2 * total * unit + weight) / (2 * weight));
    const fits = steps.every((step) => (100 * total >= step * weight) === (scaled * 100 >= step * unit));
    if (fits || digits > 6) return (scaled / unit).toFixed(digits).replace(".", document.documentElement.lang === "ru" ? "," : ".");
  }
}

// ---- mouse and finger ----

function clicked(event) {
  const cell = cellOf(event.target);
  if (!cell) return;
  if (event.shiftKey && active) { select(cell, true); return; }
  select(cell);
  if (!trouble.has(cell) && writable(cell)) openKeys(cell);
}

function openKeys(cell) {
  const values = cell.dataset.period ? RESULTS : KEYS;
  if (!values.length) return;
  pop.keys(cell, values, {
    put: (value) => { draft = null; put(cell, value); cell.focus({preventScroll: true}); },
    second: cell.dataset.period ? null : () => { type("/"); cell.focus({preventScroll: true}); },
    restore: () => { restore(); cell.focus({preventScroll: true}); },
  });
}

// ---- history, and what others changed ----

async function showHistory() {
  if (!active) return;
  const cell = active, where = new URLSearchParams(Object.entries(placeIn(cell)));
  const answer = await fetch(`/journal/${table.dataset.course}/history?${where}`, {headers: {Accept: "application/json"}}).catch(() => null);
  if (!answer?.ok) { tell(words.offline); return; }
  const {lines} = await answer.json();
  pop.history(cell, document.getElementById("who").textContent, lines, () => { pop.close(); cell.focus({preventScroll: true}); });
}

async function look() {
  if (document.visibilityState !== "visible" || sender.flying) return;
  const answer = await fetch(`/journal/${table.dataset.course}/changes?since=${since}`, {headers: {Accept: "application/json"}}).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const told = await answer.json();
  since = told.since;
  for (const change of told.cells) changedByOther(change);
}

function changedByOther(change) {
  const place = [change.pupil, change.lesson || "", change.work || "", change.period || ""].join("|"), cell = cellAt(place);
  if (!cell || cell.dataset.version === change.version || sender.queue.has(place) || trouble.has(cell) || (cell === active && draft !== null)) return;
  saved.set(cell, change.value);
  cell.dataset.version = change.version;
  mark(cell, change.value, "other");
  dress(cell, false);
  recount(cell.parentElement);
  const name = cell.parentElement.cells[0].lastChild.textContent, head = cell.dataset.period ? null : headOf(cell);
  tell(say(words.by, {who: change.who, pupil: name, day: head ? dayOf(head) : "", value: change.value || words.empty}));
}
