// Period marks by keyboard and thumb: each mark goes into the queue of this browser as it is typed and from there to the server; what
// the server asks stands beside it. Without this file the same form saves everything at once.

import * as queue from "./queue.js";

const form = document.getElementById("results"), status = document.getElementById("state"), save = document.getElementById("save");
const fields = [...form.querySelectorAll("input.mark")], values = JSON.parse(form.dataset.values);
const url = form.dataset.cells, course = url.match(/\d+/)[0], title = document.querySelector("h1").textContent.trim();

save.hidden = true;
status.textContent = status.dataset.start;
const hint = document.querySelector(".keyhint");
if (hint && matchMedia("(hover: hover)").matches) hint.hidden = false;
for (const field of fields) enhance(field);
const first = form.querySelector("[aria-invalid=true]") || fields.find((field) => !field.value);
if (first && matchMedia("(min-width: 48rem)").matches && !location.hash) first.focus({preventScroll: true});
queue.listen({answer: take, shows: (item) => Boolean(fieldAt(item)), changed: told});
restore();
form.addEventListener("submit", (event) => { event.preventDefault(); fields.forEach((field) => offer(field)); });

function enhance(field) {
  field.addEventListener("keydown", (event) => key(event, field));
  field.addEventListener("change", () => offer(field));
  field.addEventListener("focus", () => { field.select(); keysUnder(field); });
}

// ---- keys ----

function key(event, field) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const acts = {Enter: () => { offer(field); step(field, 1); }, ArrowDown: () => step(field, 1), ArrowUp: () => step(field, -1),
    Escape: () => back(field), " ": () => computed(field),
    ArrowRight: () => aside(field, 1), ArrowLeft: () => aside(field, -1)};
  if (/^[0-9]$/.test(event.key) && values.includes(event.key) && !values.some((value) => value.startsWith(event.key) && value !== event.key)) {
    event.preventDefault();
    write(field, event.key);
  } else if (acts[event.key]) {
    event.preventDefault();
    acts[event.key]();
  }
}

function write(field, value) {
  field.value = value;
  offer(field);
}

function computed(field) {
  if (field.dataset.computed) write(field, field.dataset.computed);
}

function back(field) {
  field.value = field.dataset.value;
  clear(field);
  if (waits(field)) { offer(field); return; }
  const item = queue.items(url).find((each) => each.place === placeOf(field));
  if (item) queue.dismiss(item.id);
  told();
}

function step(field, by) {
  const column = fields.filter((each) => each.dataset.kind === field.dataset.kind);
  column[column.indexOf(field) + by]?.focus();
}

function aside(field, by) {
  const row = fields.filter((each) => each.dataset.pupil === field.dataset.pupil);
  row[row.indexOf(field) + by]?.focus();
}

// ---- keys as large as a thumb ----

function keysUnder(field) {
  if (!matchMedia("(max-width: 48rem), (pointer: coarse)").matches) return;
  document.querySelector(".marks .pick")?.remove();
  const keys = document.createElement("div");
  keys.className = "pick";
  keys.setAttribute("role", "group");
  keys.setAttribute("aria-label", field.getAttribute("aria-label"));
  for (const value of [...values, "×"]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = value;
    button.addEventListener("click", () => write(field, value === "×" ? "" : value));
    keys.append(button);
  }
  const row = field.closest("tr");
  (matchMedia("(max-width: 48rem)").matches ? row : field.closest("td")).append(keys);
}

// ---- through the queue of this browser ----

function placeOf(field) { return `${course}:${field.dataset.pupil}|||${form.dataset.period || field.dataset.kind}`; }

function fieldAt(item) { return item.url === url ? fields.find((field) => placeOf(field) === item.place) : null; }

function waits(field) { return queue.waits(placeOf(field)); }

function offer(field, reason = "", again = false) {
  const value = field.value.trim().toLowerCase(), {pupil, kind, seen, asked} = field.dataset, {period} = form.dataset;
  if (!again && (asked === value || value === (waits(field) ? field.dataset.wanted : field.dataset.value))) return; // a reason asked for is still awaited
  field.dataset.wanted = value;
  queue.put({url, place: placeOf(field), seen, what: `${title}, ${field.getAttribute("aria-label")}: ${value || "—"}`,
    cell: {pupil: Number(pupil), value, ...(reason && {reason}), ...(period ? {period: Number(period)} : {kind})}});
  clear(field);
  sign(field, "", "…");
  told();
}

// What waited, or was not saved, when the page was left.
async function restore() {
  await queue.ready;
  for (const item of queue.items(url)) {
    const field = fieldAt(item);
    if (!field) continue;
    field.value = field.dataset.wanted = item.cell.value;
    if (item.answer) take(item, item.answer); else sign(field, "", "…");
  }
  told();
}

function take(item, outcome) {
  const field = fieldAt(item), saved = outcome.state === "saved" || outcome.state === "late";
  if (!field) return;
  if (saved) {
    field.dataset.value = outcome.value;
    field.dataset.seen = form.elements[field.name.replace("m-", "v-")].value = outcome.version;
  }
  if (waits(field)) return;
  clear(field);
  if (saved) sign(field, outcome.message ? "late" : "ok", "✓", outcome.message);
  else ask(field, outcome);
  if (outcome.state === "conflict") field.dataset.seen = outcome.version;
  told();
}

// ---- what the server said, in place ----

function ask(field, outcome) {
  const why = document.getElementById("why").content.firstElementChild.cloneNode(true), [said, label, reason, buttons] = why.children;
  said.textContent = outcome.message;
  said.id = `e-${field.dataset.pupil}-${field.dataset.kind}`;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", said.id);
  const asks = outcome.state === "reason_required";
  if (asks) field.dataset.asked = field.value.trim().toLowerCase();
  label.hidden = reason.hidden = !asks;
  reason.id = said.id.replace("e-", "r-");
  label.htmlFor = reason.id;
  const again = () => { if (asks && reason.value.trim().length < 3) return reason.focus(); offer(field, asks ? reason.value.trim() : "", true); step(field, 1); };
  buttons.querySelector("[data-do=write]").addEventListener("click", again);
  buttons.querySelector("[data-do=write]").hidden = outcome.state === "refused";
  buttons.querySelector("[data-do=back]").addEventListener("click", () => { if (outcome.state === "conflict") field.dataset.value = outcome.value; back(field); field.focus(); });
  reason.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); again(); }
    if (event.key === "Escape") { event.preventDefault(); back(field); field.focus(); }
  });
  field.closest("td").append(why);
  field.closest("td").classList.add("asks");
  status.textContent = outcome.message;
  if (asks) reason.focus();
}

function clear(field) {
  const cell = field.closest("td");
  cell.querySelector(".why")?.remove();
  cell.querySelector(".sign")?.remove();
  cell.classList.remove("asks");
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
  delete field.dataset.asked;
}

function sign(field, tone, text, message = "") {
  const cell = field.closest("td");
  cell.querySelector(".sign")?.remove();
  const mark = document.createElement("span");
  mark.className = `sign ${tone}`;
  mark.textContent = text;
  mark.setAttribute("aria-hidden", "true");
  field.after(mark);
  if (message) status.textContent = message;
}

function told() {
  const words = status.dataset, {why} = queue.state(), count = fields.filter(waits).length;
  if (count) status.textContent = why ? (why === "offline" || why === "server" ? words.waiting.replace("{n}", count) : words.again) : words.sending;
  else if (!form.querySelector(".asks, .sign.late") && form.querySelector(".sign")) status.textContent = words.saved;
}
