// Period marks by keyboard and thumb: each mark is sent as it is typed, what the server asks stands beside it. Without this file
// the same form saves everything at once.

const form = document.getElementById("results"), status = document.getElementById("state"), save = document.getElementById("save");
const fields = [...form.querySelectorAll("input.mark")], values = JSON.parse(form.dataset.values);
const waiting = new Map(); // field → what is to be sent, in the order of typing
let sending = false, timer = 0, token = document.querySelector("meta[name=csrf-token]").content;

save.hidden = true;
status.textContent = status.dataset.start;
const hint = document.querySelector(".keyhint");
if (hint && matchMedia("(hover: hover)").matches) hint.hidden = false;
for (const field of fields) enhance(field);
const first = form.querySelector("[aria-invalid=true]") || fields.find((field) => !field.value);
if (first && matchMedia("(min-width: 48rem)").matches && !location.hash) first.focus({preventScroll: true});
addEventListener("online", send);
addEventListener("beforeunload", (event) => { if (waiting.size) event.preventDefault(); });
form.addEventListener("submit", (event) => { event.preventDefault(); fields.forEach(offer); });

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
  waiting.delete(field);
  field.value = field.dataset.value;
  clear(field);
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

// ---- sending ----

function offer(field, reason = "", again = false) {
  const value = field.value.trim().toLowerCase();
  if (!again && (value === field.dataset.value || field.dataset.asked === value)) return; // a reason asked for is still awaited
  const key = `r${Date.now()}-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  waiting.set(field, {pupil: Number(field.dataset.pupil), value, seen: field.dataset.seen, reason, key,
    ...(form.dataset.period ? {period: Number(form.dataset.period)} : {kind: field.dataset.kind})});
  sign(field, "", "…");
  told();
  send();
}

async function send() {
  if (sending || !waiting.size) return;
  clearTimeout(timer);
  sending = true;
  const batch = [...waiting];
  told();
  try {
    const answer = await fetch(form.dataset.cells, {method: "POST", redirect: "manual", body: JSON.stringify({cells: batch.map(([, cell]) => cell)}),
      headers: {"Content-Type": "application/json", "X-CSRFToken": token}});
    const body = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
    if (!body?.cells) throw new Error(answer.type === "opaqueredirect" || answer.status < 500 ? "again" : "server");
    batch.forEach(([field, cell], place) => take(field, cell, body.cells[place]));
    sending = false;
    told();
    send();
  } catch (trouble) {
    sending = false;
    told(trouble.message === "again");
    if (trouble.message === "again") await renew();
    timer = setTimeout(send, 8000);
  }
}

// After a new sign-in in another tab the page needs the token of that sign-in.
async function renew() {
  const page = await fetch(location.href, {redirect: "manual"}).catch(() => null);
  const found = page?.ok && (await page.text()).match(/name="csrf-token" content="([^"]+)"/);
  if (found) token = found[1];
}

function take(field, cell, outcome) {
  if (waiting.get(field) === cell) waiting.delete(field);
  const saved = outcome.state === "saved" || outcome.state === "late";
  if (saved) {
    field.dataset.value = outcome.value;
    field.dataset.seen = outcome.version;
    form.elements[field.name.replace("m-", "v-")].value = outcome.version;
  }
  if (waiting.has(field)) return;
  clear(field);
  if (saved) {
    sign(field, outcome.message ? "late" : "ok", "✓", outcome.message);
    return;
  }
  if (outcome.state === "conflict") field.dataset.seen = outcome.version;
  ask(field, outcome);
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

function told(again = false) {
  const words = status.dataset;
  if (again) status.textContent = words.again;
  else if (!waiting.size) { if (!form.querySelector(".asks") && !form.querySelector(".sign.late")) status.textContent = words.saved; }
  else status.textContent = sending || navigator.onLine ? words.sending : words.waiting.replace("{n}", waiting.size);
}
