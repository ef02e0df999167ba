// The grid of a journal by keyboard, mouse and finger: what keys and buttons do, and what comes of it. The page is a plain table without it.
// A cell keeps its version in data-version and its state in data-s; the modules: grid-table (rows and columns), grid-select (the range),
// grid-undo, grid-clip (Excel), grid-view (what is looked at), grid-sums (averages), grid-add (one more column), grid-pop (layers).

import {Sender} from "./grid-send.js";
import * as add from "./grid-add.js";
import * as clip from "./grid-clip.js";
import * as pop from "./grid-pop.js";
import * as selection from "./grid-select.js";
import * as sums from "./grid-sums.js";
import {byId, cellAt, cellIn, cellOf, columnOf, dayOf, headOf, hold, language, later, lines, mark, markLater, nameOf, placeIn, placeOf, RESULT, RESULTS,
  rowOf, sheet, shownIn as textIn, table, valueOf, writable} from "./grid-table.js";
import * as rules from "./grid-rules.js";
import * as record from "./grid-undo.js";
import * as view from "./grid-view.js";

const {words, say} = pop, {select, move, tell} = selection;
const POLL = 15000, MOST_ASKED = 60;
const STATES = {reason_required: "reason", refused: "refused", conflict: "conflict"};
const ARROWS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};
const drafts = new Map(), pending = new Map(), trouble = new Map();  // cell → what is being typed; what is under way; {answer, wanted, way}
let since = Number(table.dataset.since), dragged = false;

const sender = new Sender(table.dataset.course, {answer: answered, wait, sent, shows: (place) => Boolean(cellAt(place))});
start();

function start() {
  window.journalRows.show();
  table.setAttribute("role", "grid");
  table.setAttribute("aria-multiselectable", "true");
  view.start();
  selection.start(stateOf);
  document.addEventListener("keydown", pressed);
  document.addEventListener("copy", (event) => { if (inGrid()) clip.copy(event); });
  document.addEventListener("cut", (event) => { if (inGrid()) { clip.copy(event); clear(); } });
  document.addEventListener("paste", (event) => { if (inGrid()) { event.preventDefault(); commit(); clip.paste(event.clipboardData.getData("text/plain"), write); } });
  document.addEventListener("pointerdown", (event) => { if (pop.kind() === "keys" && !pop.contains(event.target) && !cellOf(event.target)) restore(); });
  table.addEventListener("focusin", (event) => { const cell = cellOf(event.target); if (cell && cell !== selection.active) go(cell); });
  table.addEventListener("click", clicked);
  table.addEventListener("pointerdown", grabbed);
  table.addEventListener("pointerover", draggedOver);
  sheet.addEventListener("scroll", pop.place, {passive: true});
  new ResizeObserver(() => { selection.measureAnew(); pop.place(); }).observe(document.getElementById("main"));  // what is told above the sheet moves it
  for (const [id, act] of [["history", showHistory], ["keys", showMap], ["fill", fillColumn], ["by-rule", putAsComputed]]) {
    byId(id, (node) => { node.hidden = id === "fill" && !writes(); node.addEventListener("click", act); });
  }
  for (const place of (table.dataset.leaves || "").split(" ")) cellAt(place)?.classList.add("o");  // may be written by permission
  add.start();
  sums.start(selection.measureAnew);
  sender.restore().then((kept) => kept.forEach(showKept));
  setInterval(look, POLL);
  document.addEventListener("visibilitychange", look);
  const made = add.justMade(), asked = /^#cell-(\d+)-(\d+)$/.exec(location.hash);  // a link to the cell of a pupil in a lesson
  const first = made === null ? asked && cellAt(`${asked[1]}|${asked[2]}||`) : cellIn(0, made);
  if (first) go(first);
}

function inGrid() { return selection.active !== null && cellOf(document.activeElement) !== null; }

function writes() { return "writes" in table.dataset || "results" in table.dataset; }

// What the queue still holds of this journal: waiting, or not saved and not yet dismissed.
function showKept([place, cell, answer]) {
  const node = cellAt(place);
  if (!node) return;
  hold(node, valueOf(node));
  mark(node, cell.value, "wait");
  sums.touch(node);
  if (answer) answered(place, answer, cell);
}

function stateOf(cell) {
  return words[{wait: "wait", saved: "saved", refused: "refused", reason: "reason_required", conflict: "conflict"}[cell.dataset.s]] || "";
}

// ---- choosing ----

function go(cell, extend = false) {
  leaveDraft(cell);
  select(cell, extend);
  if (trouble.has(cell)) showTrouble(cell, false);
}

// What was typed is kept before the choice changes.
function leaveDraft(cell = null) {
  if (drafts.size && cell !== selection.active) commit();
  if (pop.isOpen() && !pop.isOpen(cell)) pop.close();
}

function step(how, extend = false) {
  leaveDraft();
  const moved = how(extend);
  if (trouble.has(selection.active)) showTrouble(selection.active, false);
  return moved;
}

// ---- keys ----

function pressed(event) {
  if (event.defaultPrevented) return;
  if (event.key === "Escape" && pop.contains(event.target)) { take(event, giveUp); return; }
  if (!cellOf(event.target) || event.altKey) return;
  if (event.ctrlKey || event.metaKey) { withControl(event); return; }
  if (ARROWS[event.key]) { take(event, () => step((extend) => move(...ARROWS[event.key], extend), event.shiftKey)); return; }
  const act = {
    Enter: entered, Tab: () => tabbed(event.shiftKey), Escape: giveUp, F2: showHistory, F4: view.open, F8: comment, F9: add.open,
    Home: () => step((extend) => selection.toEdge(0, -1, extend), event.shiftKey), End: () => step((extend) => selection.toEdge(0, 1, extend), event.shiftKey),
    F6: leave, "?": showMap, Delete: clear, Backspace: clear, "-": view.hideColumn, "+": view.pinColumn, "=": view.pinColumn,
  }[event.key];
  const typed = rules.letter(event, drafts.get(selection.active));
  if (act && !(typed && drafts.has(selection.active))) { take(event, act); return; }  // «+» goes on with «4+» of a school's own scale
  if (typed) take(event, () => type(typed));
}

function take(event, act) { event.preventDefault(); act(); }

function withControl(event) {
  if (ARROWS[event.key]) { take(event, () => step((extend) => selection.toEdge(...ARROWS[event.key], extend), event.shiftKey)); return; }
  const act = {
    Home: () => step(selection.toToday), Enter: fillChosen, NumpadEnter: fillChosen, KeyZ: () => turnBack(event.shiftKey ? record.redo : record.undo), KeyY: () => turnBack(record.redo),
    KeyD: fillDown, KeyF: view.goFind, Space: () => step(selection.selectColumn),
  }[event.code];
  if (act) take(event, act);
}

function entered() {
  const cell = selection.active;
  if (!drafts.size && trouble.has(cell)) { showTrouble(cell, true); return; }
  if (!drafts.size && cell.dataset.period && RESULTS.length && writable(cell)) { openKeys(cell); pop.enter(); return; }
  const filled = drafts.size > 1;
  commit();
  if (!filled) step((extend) => move(1, 0, extend));
}

function tabbed(back) {
  commit();
  if (!step(() => move(0, back ? -1 : 1))) leave();
}

function leave() {
  commit();
  document.querySelector(".head .btn:not([hidden]), .head a")?.focus();
}

// Comments are written on the lesson's own page; what is not sent yet waits in this browser.
function comment() {
  commit();
  const {lesson, pupil} = selection.active.dataset;
  if (lesson) location.assign(`/lesson/${lesson}?pupil=${pupil}#remarks`);
}

function showMap() { pop.map(rules.OWN); }

// ---- writing ----

function chosen() { return selection.isRange() ? selection.cells() : [selection.active]; }

// Typed into the active cell, or into every cell of the range.
function type(typed) {
  const cells = chosen().filter(writable);
  if (!cells.length) { tell(words.readonly); return; }
  if (pop.isOpen()) pop.close();
  for (const cell of cells) {
    const standing = valueOf(cell), draft = rules.joined(typed, drafts.get(cell) ?? null, standing);
    hold(cell, standing);
    drafts.set(cell, draft);
    if (cell === selection.active) { selection.show(draft); markLater(cell, draft, ""); } else mark(cell, draft, "");
    sums.touch(cell);
  }
}

function restore() {
  for (const cell of drafts.keys()) { mark(cell, valueOf(cell), ""); sums.touch(cell); }
  drafts.clear();
  pop.close();
}

function giveUp() {
  const cell = pop.cell() || selection.active;
  if (trouble.has(cell) && pop.kind() !== "history") settle(cell);
  else if (drafts.size || pop.isOpen()) restore();
  else selection.collapse();
  refocus();
}

function commit() {
  if (!drafts.size) return;
  const typed = [...drafts].map(([cell, draft]) => [cell, draft.replace(/\/$/, "")]);
  drafts.clear();
  write(typed);
}

function clear() {
  drafts.clear();
  write(chosen().map((cell) => [cell, ""]));
}

// Writes cells, [cell, value, way], as one change that can be taken back. A way is {reason, protocol, seen}.
function write(changes) { record.remember(put(changes)); }

function put(changes) {
  const steps = [];
  pop.close();
  for (const [cell, value, way = {}] of changes) {
    if (!writable(cell)) { tell(words.readonly); continue; }
    const standing = valueOf(cell), {seen = cell.dataset.version, ...kept} = way, place = placeOf(cell), waits = sender.has(place);
    trouble.delete(cell);
    sums.touch(cell);
    if (value === standing && !kept.reason && !waits && seen === cell.dataset.version) { mark(cell, standing, ""); continue; }
    steps.push({cell, before: waits ? pending.get(cell) ?? standing : standing, after: value, was: seen, now: undefined, way: kept});
    hold(cell, standing);
    pending.set(cell, value);
    if (changes.length === 1) markLater(cell, value, "wait"); else mark(cell, value, "wait");
    sender.put(place, {...placeIn(cell), value, seen, ...kept}, `${nameOf(cell)}, ${dayOf(cell)}: ${value || "—"}`);
  }
  if (steps.length) tell(steps.length > 1 ? say(words.sendingMany, {n: steps.length}) : words.sending);
  return steps;
}

function turnBack(turn) {
  if (drafts.size) { restore(); return; }
  const changes = turn();
  if (!changes) { tell(words.noMore); return; }
  step(() => select(changes[0][0]));
  const refused = changes.filter(([cell]) => trouble.has(cell));
  refused.forEach(([cell]) => dismiss(cell));
  put(changes.filter((each) => !refused.includes(each)));
}

// ---- filling ----

function fillDown() {
  commit();
  const changes = [], columns = selection.block();
  if (!selection.isRange()) {
    const above = cellIn(rowOf(selection.active) - 1, columnOf(selection.active));
    if (above) write([[selection.active, shownIn(above)]]);
    return;
  }
  columns[0].forEach((top, column) => columns.slice(1).forEach((row) => { if (top && row[column]) changes.push([row[column], shownIn(top)]); }));
  write(changes);
}

// The value of the active cell in the whole range; without a range in every empty cell of its column.
function fillChosen() {
  const value = (drafts.get(selection.active) ?? shownIn(selection.active)).replace(/\/$/, "");
  const cells = selection.isRange() ? selection.cells() : emptyBeside(selection.active);
  if (!value) { tell(words.nothingToFill); return; }
  if (!selection.isRange()) cells.unshift(selection.active);
  drafts.clear();
  write(cells.filter(writable).map((cell) => [cell, value]));
}

function shownIn(cell) { return trouble.has(cell) ? valueOf(cell) : textIn(cell); }

function emptyBeside(cell) {
  return [...lines].map((_, row) => cellIn(row, columnOf(cell))).filter((each) => each && each !== cell && writable(each) && !textIn(each));
}

// The button: a value is chosen for all empty cells of the column.
function fillColumn() {
  const cell = selection.active;
  if (!cell) { tell(words.choose); return; }
  commit();
  const zone = {closed: words.zoneClosed, ahead: words.zoneAhead, read: words.readonly}[headOf(cell)?.dataset.zone];
  if (zone) { tell(zone); return; }
  const empty = [cell, ...emptyBeside(cell)].filter((each) => !textIn(each));
  if (!empty.length) { tell(words.columnIsFull); return; }
  pop.keys(cell, cell.dataset.period ? RESULTS : rules.PADS, {title: say(words.fillEmpty, {n: empty.length}), restore: () => { restore(); cell.focus({preventScroll: true}); },
    put: (value) => { pop.close(); write(empty.map((each) => [each, value])); cell.focus({preventScroll: true}); }});
  pop.enter();
}

function putAsComputed(event) {
  const changes = [...lines].map((_, row) => cellIn(row, RESULT)).filter((cell) => cell && !valueOf(cell) && cell.previousElementSibling.textContent)
    .map((cell) => [cell, cell.previousElementSibling.textContent]);
  write(changes);
  event.currentTarget.hidden = true;
}

// ---- answers ----

function answered(place, answer, asked) {
  const cell = cellAt(place);
  if (!cell) return;
  const {value: wanted, reason, protocol} = asked;
  if (!answer.lost) { hold(cell, answer.value); cell.dataset.version = answer.version; }
  if (pending.get(cell) === wanted) pending.delete(cell);
  if (answer.state === "saved" || answer.state === "late") { done(cell, answer); return; }
  trouble.set(cell, {answer: answer.lost ? {...answer, value: valueOf(cell)} : answer, wanted, way: {...(reason && {reason}), ...(protocol && {protocol})}});
  cell.dataset.s = STATES[answer.state] || "refused";
  later("trouble", tellTrouble);
}

// After a batch: one layer, for the active cell or the first that needs somebody; the others keep their sign.
function tellTrouble() {
  const cell = trouble.has(selection.active) ? selection.active : trouble.keys().next().value;
  if (!cell) return;
  const {answer} = trouble.get(cell);
  if (trouble.has(pop.cell())) pop.count(alike(trouble.get(pop.cell()).answer.state).length);
  tell(trouble.size > 1 ? say(words.manyTroubles, {n: trouble.size}) : about(cell, answer.message || words[answer.state]));
  if (!drafts.size && !pop.isOpen() && !pop.contains(document.activeElement)) showTrouble(cell, answer.state === "reason_required");
}

function done(cell, answer) {
  record.learned(cell, answer.value, answer.version);
  if (!drafts.has(cell) && !pending.has(cell)) mark(cell, answer.value, "saved");
  dress(cell, answer.state === "late");
  sums.touch(cell);
  tell(answer.message ? about(cell, answer.message) : words[answer.state]);
}

// Beside the name of the chosen cell a word about another one says whose it is.
function about(cell, text) { return cell === selection.active ? text : `${nameOf(cell)}, ${dayOf(cell)}: ${text}`; }

function alike(state) { return [...trouble].filter(([, each]) => each.answer.state === state).map(([cell]) => cell); }

function showTrouble(cell, focus) {
  const {answer, wanted} = trouble.get(cell), layer = {reason_required: pop.reason, conflict: pop.conflict}[answer.state] || pop.refusal;
  const back = document.activeElement, all = () => alike(answer.state);
  layer(cell, answer, wanted, {
    many: all().length,
    keep: () => { settle(cell); onward(answer.state); },
    keepAll: () => { all().forEach(settle); refocus(); },
    ask: () => askFor([cell]), askAll: () => askFor(all().filter((each) => trouble.get(each).answer.ask)),
    write: (value, way) => { writeAnyway(cell, value, way); onward(answer.state); },
    writeAll: (way) => { writeAllAnyway(all(), way); refocus(); },
  });
  if (!focus) back?.focus?.({preventScroll: true}); else pop.enter();
}

// To the page on which a correction of what is closed is asked for, with what was typed.
async function askFor(cells) {
  const where = cells.slice(0, MOST_ASKED).map((each) => trouble.get(each).answer.ask).join("&");
  await Promise.all(cells.map((each) => sender.settle(placeOf(each))));
  location.assign(`/corrections/new?${where}`);
}

function refocus() { selection.active?.focus({preventScroll: true}); }

// To the next cell that asks the same question.
function onward(state) {
  const [next] = alike(state);
  if (!next) { refocus(); return; }
  select(next);
  showTrouble(next, true);
}

function settle(cell) {
  record.forget(cell);
  dismiss(cell);
}

function dismiss(cell) {
  trouble.delete(cell);
  pending.delete(cell);
  sender.settle(placeOf(cell));
  pop.close();
  mark(cell, valueOf(cell), "");
  sums.touch(cell);
  tell("");
}

// What was not taken, now with a reason, a protocol or over what stands: it takes the place of the first try in the record.
function writeAnyway(cell, value, {clear: first, ...way}) {
  record.forget(cell);
  trouble.delete(cell);
  if (first) { write([[cell, ""]]); sender.flush(); }
  write([[cell, value, way]]);
}

function writeAllAnyway(cells, way) {
  const changes = cells.map((cell) => [cell, trouble.get(cell).wanted, {...trouble.get(cell).way, ...way}]);
  cells.forEach(record.forget);
  write(changes);
}

function wait(places, why) {
  places.map(cellAt).filter(Boolean).forEach((cell) => { cell.dataset.s = "wait"; });
  tell(say(why === "again" || why === "other" ? words.waitingSignIn : words.waiting, {n: places.length}));
}

function sent() {
  byId("saved", (tag) => {
    const bad = trouble.size, clock = new Intl.DateTimeFormat(language, {hour: "2-digit", minute: "2-digit"}).format(new Date());
    tag.hidden = false;
    tag.className = `tag ${bad ? "bad" : "ok"}`;
    tag.textContent = bad ? say(words.closed, {n: bad}) : say(words.all, {time: clock});
  });
}

// The one-letter classes of a cell by what it holds.
function dress(cell, late = cell.classList.contains("l")) {
  const value = valueOf(cell), code = rules.codeIn(value);
  if (cell.dataset.period) return;
  cell.classList.toggle("n", code !== "" && !rules.explained(value));
  cell.classList.toggle("b", rules.explained(value));
  cell.classList.toggle("l", late && value !== "");
  cell.classList.toggle("x", value.length > 2);
}

// ---- mouse and finger ----

function clicked(event) {
  const cell = cellOf(event.target);
  if (!cell) return;
  if (dragged) { dragged = false; return; }
  if (event.shiftKey && selection.active) { go(cell, true); return; }
  go(cell);
  if (!trouble.has(cell) && writable(cell)) openKeys(cell);
}

// A mouse draws a range from the cell it was pressed in; a finger scrolls.
function grabbed(event) {
  const cell = cellOf(event.target);
  dragged = false;
  if (!cell || event.button !== 0) return;
  if (event.shiftKey) event.preventDefault();
  else if (event.pointerType === "mouse") { go(cell); if (event.target.hasPointerCapture?.(event.pointerId)) event.target.releasePointerCapture(event.pointerId); }
}

function draggedOver(event) {
  const cell = cellOf(event.target);
  if (!cell || event.pointerType !== "mouse" || event.buttons !== 1 || cell === selection.active || !selection.active) return;
  dragged = true;
  go(cell, true);
}

function openKeys(cell) {
  const values = cell.dataset.period ? RESULTS : rules.PADS;
  if (!values.length) return;
  pop.keys(cell, values, {
    put: (value) => { drafts.clear(); write([[cell, value]]); cell.focus({preventScroll: true}); },
    second: cell.dataset.period ? null : () => { type("/"); cell.focus({preventScroll: true}); },
    restore: () => { restore(); cell.focus({preventScroll: true}); },
  });
}

// ---- history, and what others changed ----

async function showHistory() {
  const cell = selection.active;
  if (!cell) return;
  const where = new URLSearchParams(Object.entries(placeIn(cell)));
  const answer = await fetch(`/journal/${table.dataset.course}/history?${where}`, {headers: {Accept: "application/json"}}).catch(() => null);
  if (!answer?.ok) { tell(words.offline); return; }
  const {lines: told} = await answer.json();
  pop.history(cell, `${nameOf(cell)} · ${dayOf(cell)}`, told, () => { pop.close(); cell.focus({preventScroll: true}); });
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
  if (!cell || cell.dataset.version === change.version || sender.has(place) || trouble.has(cell) || drafts.has(cell)) return;
  hold(cell, change.value);
  cell.dataset.version = change.version;
  mark(cell, change.value, change.who ? "other" : "saved");
  dress(cell, false);
  sums.touch(cell);
  if (change.who) tell(say(words.by, {who: change.who, pupil: nameOf(cell), day: dayOf(cell), value: change.value || words.empty}));
}
