// The lesson page made quicker: one tap for an absentee, large keys under a mark, the day's homework counted while typing. Without it
// the same forms work by themselves.

import {enhanceHomework} from "./lesson-homework.js";
import {restore, throughQueue} from "./lesson-queue.js";

const FURTHER = [".", "/", "×"], coarse = matchMedia("(pointer: coarse)");

await restore();
enhance(document);
throughQueue(enhance);
countdown();
document.addEventListener("focusin", ({target}) => { if (target.matches("#f-marks .mark")) keysUnder(target); });
document.querySelector(".note.bad[role=alert]")?.scrollIntoView({block: "center"});

// A part of the page that came from the server, at first or again.
function enhance(part) {
  if (part.querySelector("#f-attendance")) attendance();
  if (part.querySelector("#f-homework")) enhanceHomework();
  if (coarse.matches) part.querySelectorAll("#f-marks .mark").forEach((field) => { field.inputMode = "none"; });  // our keys in place of the phone's
  greyed();
}

// ---- attendance: a row is a button; once pressed, the codes stand in its place ----

function form() { return document.getElementById("f-attendance"); }

function attendance() {
  const hint = form().querySelector("[data-hint]");
  hint.textContent = hint.dataset.hint;
  for (const row of form().querySelectorAll("[data-pupil]")) enhanceRow(row);
  counted();
}

function enhanceRow(row) {
  const select = row.querySelector("select"), label = row.querySelector("label");
  const button = document.createElement("button"), codes = document.createElement("span");
  button.type = "button";
  button.className = "tap";
  button.append(...label.cloneNode(true).childNodes);
  codes.className = "seg";
  codes.setAttribute("role", "group");
  codes.setAttribute("aria-label", label.firstChild.textContent.trim());
  for (const option of select.options) if (option.value) codes.append(code(option.value, select, row));
  button.addEventListener("click", () => { choose(select, row, select.value ? "" : select.options[1].value); });
  select.hidden = true;
  label.hidden = true;
  label.after(button);
  const here = document.createElement("span");
  here.className = "tag here";
  here.textContent = select.options[0].textContent;
  row.append(codes, here);
  draw(row);
}

function code(value, select, row) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = value;
  button.addEventListener("click", () => choose(select, row, select.value === value ? "" : value));
  return button;
}

function choose(select, row, value) {
  select.value = value;
  select.dispatchEvent(new Event("change", {bubbles: true}));
  draw(row);
  counted();
  greyed();
}

function draw(row) {
  const value = row.querySelector("select").value;
  row.querySelector(".tap").setAttribute("aria-pressed", String(Boolean(value)));
  row.querySelector(".seg").hidden = !value;
  row.querySelector(".here").hidden = Boolean(value);
  for (const button of row.querySelectorAll(".seg button")) button.setAttribute("aria-pressed", String(button.textContent === value));
}

function counted() {
  const all = [...form().querySelectorAll("select")], away = all.filter((select) => missed(select.value)).length;
  const count = document.getElementById("count"), {all: nobody, some} = document.getElementById("confirm").dataset;
  count.textContent = count.dataset.text.replace("{away}", away).replace("{here}", all.length - away);
  document.querySelector("#confirm span").textContent = away ? some.replace("{n}", away) : nobody;
}

// Does the lesson count as missed by this code?
function missed(code) { return form().dataset.missed.split(" ").includes(code); }

// Who is not here is grey among the marks, at once.
function greyed() {
  for (const row of form()?.querySelectorAll("[data-pupil]") || []) {
    const of = document.querySelector(`#f-marks [data-of="${row.dataset.pupil}"]`), {value} = row.querySelector("select");
    if (!of) continue;
    of.classList.toggle("away", missed(value));
    of.querySelector(".tag").hidden = !value;
    of.querySelector(".tag").textContent = value;
  }
}

// ---- the deadline of absentees, minute by minute ----

function countdown() {
  const tag = document.querySelector("[data-until]"), now = Number(document.querySelector('meta[name="now"]')?.content) || Date.now();
  if (!tag) return;
  const skew = now - Date.now(), left = document.createElement("b"), until = Date.parse(tag.dataset.until);
  tag.append(left);
  const tick = () => {
    const minutes = Math.ceil((until - Date.now() - skew) / 60000);
    left.textContent = minutes > 0 ? tag.dataset.left.replace("{n}", minutes) : "";
    if (minutes > 0 && tag.isConnected) setTimeout(tick, 5000);
  };
  tick();
}

// ---- marks: keys as large as a thumb under the field that is being filled ----

function keysUnder(field) {
  if (document.querySelector(".pick")?.for === field) return;
  document.querySelector(".pick")?.remove();
  const keys = document.createElement("div");
  keys.className = "pad pick";
  keys.for = field;
  keys.setAttribute("role", "group");
  keys.setAttribute("aria-label", field.getAttribute("aria-label"));
  for (const value of [...field.form.dataset.keys.split(" ").filter(Boolean), ...FURTHER]) keys.append(key(value, field));
  field.closest(".pupil").after(keys);
}

function key(value, field) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = value;
  button.addEventListener("click", () => {
    if (value === "×") field.value = "";
    else if (value === "/" || field.value.endsWith("/")) field.value += value;
    else field.value = value;
    field.dispatchEvent(new Event("input", {bubbles: true}));
  });
  return button;
}
