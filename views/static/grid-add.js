// One more column in a lesson, in place: kind, weight, title, whether everybody must have a mark. Then the journal is opened anew with it.

import {columnOf, heads, language, table} from "./grid-table.js";
import {h, words} from "./grid-pop.js";
import {token} from "./grid-send.js";
import * as selection from "./grid-select.js";

const KINDS = JSON.parse(table.dataset.kinds || "[]");

export function start() {
  const node = document.getElementById("add-work");
  if (!node || !offered().length) return;
  node.hidden = false;
  node.addEventListener("click", open);
  document.getElementById("work-form").hidden = true;
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
  const send = async (event) => {
    event.preventDefault();
    const body = {lesson: lesson.value, kind: kind.value, title: title.value, weight: weight.value, for_everyone: everyone.value, reason: reason.value};
    const answer = await fetch(`/journal/${table.dataset.course}/works`, {method: "POST", body: JSON.stringify(body), credentials: "same-origin",
      headers: {"Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": token()}}).catch(() => null);
    const told = answer && !answer.redirected ? await answer.json().catch(() => ({})) : {};
    if (told.work) { location.assign(`${location.pathname}${location.search}#work-${told.work.id}`); location.reload(); return; }
    why.hidden = told.state !== "reason_required" && !reason.value;
    problem.textContent = told.message || told.error || words.notNow;
    if (!why.hidden) reason.focus();
  };
  const box = h("dialog", {class: "dialog", "aria-labelledby": "add-head"}, h("form", {class: "flow", submit: send, keydown: sendByEnter}, h("h2", {id: "add-head"}, words.addWork),
    field("add-lesson", words.lesson, lesson), field("add-kind", words.kind, kind), field("add-title", words.workTitle, title),
    field("add-weight", words.weight, weight, words.weightHint), field("add-everyone", words.everyone, everyone), why, problem,
    h("div", {class: "line"}, h("button", {class: "btn primary"}, words.addColumn), h("button", {type: "button", class: "btn", click: () => box.close()}, words.cancel))));
  box.addEventListener("close", () => { box.remove(); (selection.active || document.getElementById("add-work")).focus({preventScroll: true}); });
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
