// One more column in a lesson, in place: kind, weight, title, whether everybody must have a mark. It goes through the queue of this
// browser like a mark; once the journal has it, the page is opened anew with it. While it waits for a connection its marks are typed in
// a list of the pupils, and follow it.

import {columnOf, heads, language, lines, nameOf, table} from "./grid-table.js";
import {h, words} from "./grid-pop.js";
import * as rules from "./grid-rules.js";
import * as selection from "./grid-select.js";
import * as queue from "./queue.js";

const KINDS = JSON.parse(table.dataset.kinds || "[]"), URL_OF_WORKS = `/journal/${table.dataset.course}/works`;
const URL_OF_CELLS = `/journal/${table.dataset.course}/cells`;
let asked = null;  // the dialog that is open: {place, told(item, answer), close()}

export function start() {
  const node = document.getElementById("add-work");
  if (!node || !offered().length) return;
  node.hidden = false;
  node.addEventListener("click", open);
  document.getElementById("work-form").hidden = true;
  queue.listen({answer: answered, shows: (item) => item.place === asked?.place, changed: ({why}) => {
    if (why && asked && queue.waits(asked.place)) asked.wait();
    offerMarks(node);
  }});
}

// A button for each column that waits, to type its marks.
function offerMarks(node) {
  for (const button of node.parentElement.querySelectorAll("[data-waits]")) button.remove();
  if (asked) return;
  for (const item of queue.items(URL_OF_WORKS).filter((each) => each.state === "waiting" && each.tried))
    node.before(h("button", {type: "button", class: "btn", "data-waits": item.place, click: () => marksOf(item)}, `${words.columnMarks}: ${item.text}`));
}

function marksOf(item) {
  const lesson = Number(item.body.find(([name]) => name === "lesson")[1]), at = `@${item.place}`;
  const kept = new Map(queue.items(URL_OF_CELLS).filter((each) => each.cell.work === at).map((each) => [each.cell.pupil, each.cell.value]));
  const cells = [...lines].map((line) => line.querySelector("[data-pupil]")).filter(Boolean);
  const put = (field, cell) => {
    const value = field.value.trim(), pupil = Number(cell.dataset.pupil), fits = !value || rules.spelt(value.toLowerCase(), false) !== null;
    field.setAttribute("aria-invalid", String(!fits));
    problem.textContent = fields.filter((each) => each.matches("[aria-invalid=true]")).map((each) => `${each.getAttribute("aria-label")}: ${words.unknown}.`).join(" ");
    if (fits && value !== (kept.get(pupil) || "")) queue.put({url: URL_OF_CELLS, place: `${table.dataset.course}:${pupil}|${lesson}|${at}|`, orphan: words.noColumn,
      what: `${document.querySelector("h1").textContent.trim()}, ${nameOf(cell)}, ${item.text}: ${value || "—"}`, cell: {pupil, lesson, work: at, value}});
    if (fits) kept.set(pupil, value);
  };
  const fields = cells.map((cell) => h("input", {class: "fit", size: 6, maxlength: 20, autocomplete: "off", "aria-label": nameOf(cell), value: kept.get(Number(cell.dataset.pupil)) || "",
    change: (event) => put(event.target, cell)}));
  const step = (event) => {
    const to = fields[fields.indexOf(event.target) + ({Enter: 1, ArrowDown: 1, ArrowUp: -1}[event.key] || NaN)];
    if (event.key === "Enter") event.preventDefault();
    if (to) { event.preventDefault(); to.focus(); to.select(); } else if (event.key === "Enter" && fields.includes(event.target)) box.querySelector(".primary").focus();
  };
  const problem = h("p", {class: "err", role: "alert"});
  const box = h("dialog", {class: "dialog", "aria-labelledby": "marks-head", keydown: step}, h("form", {method: "dialog", class: "flow"}, h("h2", {id: "marks-head"}, item.text), h("p", {class: "small muted"}, words.marksWait),
    h("div", {class: "rows"}, ...fields.map((field, row) => h("label", {class: "row"}, h("span", {class: "grow"}, nameOf(cells[row])), field))), problem,
    h("div", {class: "line"}, h("button", {class: "btn primary"}, words.close))));
  box.addEventListener("close", () => { box.remove(); (selection.active || document.getElementById("add-work")).focus({preventScroll: true}); });
  document.body.append(box);
  box.showModal();
  fields[0]?.focus();
}

function answered(item, answer) {
  if (item.url !== URL_OF_WORKS) return;
  if (item.place === asked?.place) asked.told(item, answer);
  else if (answer.state === "saved") document.getElementById("add-work").before(h("button", {type: "button", class: "btn late", click: () => show(answer.work)}, words.showColumn));
}

// The journal once more, at the new column.
function show(work) {
  history.replaceState(null, "", `${location.pathname}${location.search}${work ? `#work-${work.id}` : ""}`);
  location.reload();
}

// Lessons that may still be written.
function offered() { return KINDS.length ? heads.filter((head) => !head.dataset.work && ["open", "reason"].includes(head.dataset.zone)) : []; }

export function open() {
  const lessons = offered();
  if (!lessons.length) { selection.tell(words.noLesson); return; }
  const here = selection.active && heads[columnOf(selection.active)]?.dataset.lesson;
  const chosen = lessons.some((head) => head.dataset.lesson === here) ? here : lessons[lessons.length - 1].dataset.lesson;
  const field = (id, label, input, hint) => h("div", {class: "field"}, h("label", {for: id}, label), input, hint ? h("p", {class: "hint"}, hint) : null);
  const lesson = h("select", {id: "add-lesson"}, ...lessons.map((head) => h("option", {value: head.dataset.lesson, selected: head.dataset.lesson === chosen}, day(head))));
  const kind = h("select", {id: "add-kind"}, ...KINDS.map((each) => h("option", {value: each.id}, `${each.name} ×${each.weight}`)));
  const title = h("input", {id: "add-title", maxlength: 300, autocomplete: "off"});
  const weight = h("input", {id: "add-weight", type: "number", min: 1, max: 10, inputmode: "numeric"});
  const everyone = h("select", {id: "add-everyone"}, ...[["", words.asKind], ["yes", words.yes], ["no", words.no]].map(([value, label]) => h("option", {value}, label)));
  const reason = h("input", {id: "add-reason", maxlength: 300}), why = field("add-reason", words.why, reason), problem = h("p", {class: "err", role: "alert"});
  why.hidden = true;
  const place = `work-${table.dataset.course}-${Date.now()}`;
  const send = (event) => {
    event.preventDefault();
    if (queue.waits(place)) return;
    const said = [lesson.selectedOptions[0].text, kind.selectedOptions[0].text, title.value].filter(Boolean).join(", ");
    problem.textContent = words.sending;
    queue.put({url: URL_OF_WORKS, place, what: `${document.querySelector("h1").textContent.trim()}: ${words.addWork}, ${said}`, text: said,
      body: [["lesson", lesson.value], ["kind", kind.value], ["title", title.value], ["weight", weight.value], ["for_everyone", everyone.value], ["reason", reason.value]]});
  };
  const told = (item, answer) => {
    if (answer.state === "saved") { show(answer.work); return; }
    refused = item.id;
    why.hidden = answer.state !== "reason_required" && !reason.value;
    problem.textContent = answer.message;
    if (!why.hidden) reason.focus();
  };
  let refused = null;
  const box = h("dialog", {class: "dialog", "aria-labelledby": "add-head"}, h("form", {class: "flow", submit: send, keydown: sendByEnter}, h("h2", {id: "add-head"}, words.addWork),
    field("add-lesson", words.lesson, lesson), field("add-kind", words.kind, kind), field("add-title", words.workTitle, title),
    field("add-weight", words.weight, weight, words.weightHint), field("add-everyone", words.everyone, everyone), why, problem,
    h("div", {class: "line"}, h("button", {class: "btn primary"}, words.addColumn), h("button", {type: "button", class: "btn", click: () => box.close()}, words.cancel))));
  asked = {place, told, wait: () => { box.close(); selection.tell(words.columnWaits); }};
  box.addEventListener("close", () => { asked = null; if (refused && !queue.waits(place)) queue.dismiss(refused); box.remove(); (selection.active || document.getElementById("add-work")).focus({preventScroll: true}); });
  document.body.append(box);
  box.showModal();
  kind.focus();
}

// Enter sends from a choice as it does from a line.
function sendByEnter(event) {
  if (event.key !== "Enter" || event.target.tagName !== "SELECT") return;
  event.preventDefault();
  event.currentTarget.querySelector(".primary").click();
}

function day(head) { return new Intl.DateTimeFormat(language, {day: "numeric", month: "long", weekday: "short"}).format(new Date(`${head.dataset.date}T12:00`)) + (head.textContent.match(/[₂-₉]/)?.[0] || ""); }

// The column that was just made: its first cell is chosen.
export function justMade() {
  const work = /^#work-(\d+)$/.exec(location.hash)?.[1];
  if (!work) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return heads.findIndex((head) => head.dataset.work === work);
}
