// The forms of the lesson page go through the queue: what is confirmed without a connection waits in this browser and leaves by itself.
// When the server has answered, the section of the form comes from it anew, unless something was typed in it meanwhile.

import * as queue from "./queue.js";

const page = document.getElementById("lesson"), PICTURES = "input[type=file]";
const edits = new Map();  // section id → how many times something was changed in it
let dress = () => {};

// What waits in this browser stands in its fields again, when the page is opened once more.
export async function restore() {
  await queue.ready;
  for (const form of page.querySelectorAll("form[data-queue]")) {
    const item = queue.items(form.getAttribute("action")).filter(({place, state}) => place === placeOf(form) && state === "waiting").pop();
    if (!item) continue;
    const typed = new Map(item.body);
    for (const field of form.elements) {
      if (field.type === "checkbox") field.checked = typed.has(field.name);
      else if (!["hidden", "file", "submit"].includes(field.type) && typed.has(field.name)) field.value = typed.get(field.name);
    }
  }
}

export function throughQueue(enhance) {
  dress = enhance;
  page.addEventListener("submit", send);
  page.addEventListener("input", ({target}) => touched(target));
  page.addEventListener("change", ({target}) => touched(target));
  queue.listen({answer, changed: told});
}

function send(event) {
  const form = event.target.closest("form[data-queue]");
  if (!form) return;
  const files = [...new FormData(form)].filter(([, value]) => value instanceof File && value.size);
  if (!queue.fits(files)) return tooMuch(event, form);
  event.preventDefault();
  const body = [...new FormData(form)].filter(([, value]) => typeof value === "string"), section = sectionOf(form);
  if (event.submitter?.name) body.push([event.submitter.name, event.submitter.value]);
  section.dataset.sent = edits.get(section.id) || 0;
  say(section, page.dataset.sending);
  queue.put({url: form.getAttribute("action"), place: placeOf(form), what: `${title()}: ${form.dataset.queue}`, seen: form.elements.seen?.value, body,
    text: wordsOf(form, files, event.submitter), ...(files.length && {files})});
  for (const input of form.querySelectorAll(PICTURES)) {  // they are in the queue now, once
    if (!input.files.length) continue;
    input.parentElement.querySelector("output").textContent = [...input.files].map((file) => file.name).join(", ");
    input.value = "";
  }
}

// More files than may wait in a browser go at once, as a form; without a connection they stay in it.
function tooMuch(event, form) {
  if (navigator.onLine) return;
  event.preventDefault();
  say(sectionOf(form), page.dataset.files, "late");
}

// What was typed or chosen in the form, a line each with its name, for a person to read or copy.
function wordsOf(form, files, button) {
  const said = [...form.elements].filter((field) => field.labels?.length || field.hasAttribute("aria-label")).flatMap((field) => {
    if (field.type === "checkbox") return field.checked !== field.defaultChecked ? [labelOf(field)] : [];
    const chosen = field.selectedOptions?.[0], value = chosen ? chosen.text : field.value;
    return field.type !== "file" && value && (chosen ? !chosen.defaultSelected : value !== field.defaultValue) ? [`${labelOf(field)}: ${value}`] : [];
  });
  return [...said, ...files.map(([, file]) => file.name), ...(button?.name ? [button.textContent.trim()] : [])].join("\n");
}

function labelOf(field) { return field.getAttribute("aria-label") || field.labels[0].firstChild.textContent.trim(); }

async function answer(item, {state, message, note, rows = []}) {
  const form = [...page.querySelectorAll("form[data-queue]")].find((each) => each.getAttribute("action") === item.url);
  if (!form) return;
  const section = sectionOf(form), saved = state === "saved" || state === "late";
  if (saved) await renew(section);
  const here = document.getElementById(section.id);
  say(here, [message, note].filter(Boolean).join(" ") || (saved ? page.dataset.saved : ""), saved ? message || note ? "late" : "ok" : "bad");
  for (const {pupil, message: why} of rows) tell(here, pupil, why);
  if (document.activeElement === document.body || here.contains(document.activeElement)) here.querySelector(".err")?.scrollIntoView({block: "center"});
}

// The section as the server has it now; what was typed since it was sent stays, only what it is compared with is renewed.
async function renew(section) {
  const html = await fetch(location.pathname + location.search, {headers: {"X-Account": queue.account}}).then((response) => (response.ok ? response.text() : "")).catch(() => "");
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById(section.id);
  if (!fresh) return;
  if ((edits.get(section.id) || 0) === Number(section.dataset.sent)) {
    const focused = section.contains(document.activeElement) ? document.activeElement.id : "";
    section.replaceWith(fresh);
    dress(fresh);
    if (focused) document.getElementById(focused)?.focus({preventScroll: true});
    return;
  }
  section.querySelector("header").replaceWith(fresh.querySelector("header"));
  for (const field of section.querySelectorAll("input[type=hidden]:not([name=csrf_token])")) {
    const renewed = fresh.querySelector(`[name="${field.name}"]`);
    if (renewed) field.value = renewed.value;
  }
}

// While something waits, its section says so.
function told({why}) {
  if (!why) return;
  for (const form of page.querySelectorAll("form[data-queue]")) {
    if (queue.waits(placeOf(form))) say(sectionOf(form), ["again", "other"].includes(why) ? page.dataset.again : page.dataset.waits, "late");
  }
}

// Told beside the button that was pressed, for the top of a section of thirty pupils is far above it.
function say(section, words, look = "") {
  const form = section.querySelector("form[data-queue]");
  if (!form) return;
  const foot = page.querySelector(`.foot [form="${form.id}"]`)?.parentElement;
  let line = (foot || section).querySelector(".queued");
  if (!line) {
    line = document.createElement("p");
    line.setAttribute("role", "status");
    if (foot) foot.prepend(line);
    else form.lastElementChild.before(line);
  }
  line.className = `queued note ${look}`;
  line.textContent = words;
  line.hidden = !words;
}

function tell(section, pupil, why) {
  const label = section.querySelector(`[data-pupil="${pupil}"] .tap, [data-of="${pupil}"] label`);
  if (!label) return;
  const line = document.createElement("span");
  line.className = "err";
  line.textContent = why;
  label.querySelector(".err")?.remove();
  label.append(line);
}

function touched(target) {
  const section = sectionOf(target);
  if (!section) return;
  edits.set(section.id, (edits.get(section.id) || 0) + 1);
  if (section.id === "attendance") page.querySelector(".foot .queued.ok")?.remove();
}

function sectionOf(element) { return element.closest("section"); }

function placeOf(form) { return [form.getAttribute("action"), form.elements.for?.value ?? form.elements.pupil?.value ?? ""].join("|"); }

function title() { return document.querySelector("h1").textContent.trim(); }
