// The screen of a member of staff left alone locks itself and asks for the password; what is typed stays on the page and in the queue.
// The same box asks for the password before marks of a period are sent. The server is told of the lock, and locks by itself when it hears
// nothing for as long; while somebody works here without saving, it hears of that from time to time.

import * as queue from "./queue.js";

const idle = Number(document.querySelector('meta[name="account"]').dataset.idle || 0) * 60000, TICK = 5000;
const box = document.getElementById("lock"), field = document.getElementById("lock-password"), error = document.getElementById("lock-error");
const later = document.getElementById("lock-later"), leave = document.getElementById("lock-leave");
const tabs = "BroadcastChannel" in window ? new BroadcastChannel(`zhurnal-lock-${queue.account}`) : null;
let asked = "", postponed = false, worked = Date.now(), told = worked, heard = worked, before = null;

for (const kind of ["pointerdown", "keydown", "wheel", "touchmove"]) addEventListener(kind, work, {passive: true, capture: true});
document.addEventListener("visibilitychange", look);
setInterval(look, TICK);
tabs?.addEventListener("message", ({data}) => {
  if (data.work) worked = Date.now();
  if (data.locked) show("lock");
  if (data.token) reopen(data.token);
});
queue.listen({changed({why}) {
  if (why === "lock") show("lock");
  else if (why === "confirm" && !postponed) show("confirm");
  else if (why !== "confirm") postponed = false;
}});
box.addEventListener("cancel", (event) => { if (asked === "lock") event.preventDefault(); else postponed = true; });
box.addEventListener("close", () => { if (asked === "lock") box.showModal(); else asked = ""; });
box.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); answer(); });
later.addEventListener("click", () => { postponed = true; box.close(); });
document.getElementById("queue").addEventListener("click", () => { postponed = false; }, {capture: true});
leave.addEventListener("click", () => { location.href = "/login"; });

// ---- is somebody at work here? ----

function work() {
  if (asked === "lock") return;
  worked = Date.now();
  if (worked - told > TICK) { told = worked; tabs?.postMessage({work: true}); }
}

function look() {
  if (!idle || asked === "lock") return;
  if (Date.now() - worked >= idle) lock();
  else if (worked - heard > idle / 3) { heard = Date.now(); ask("/queue"); }
}

// ---- locked ----

// Without a connection nobody could open it again: it locks with the first word the server hears.
async function lock() {
  const response = await ask("/lock", {method: "POST", headers: {"X-CSRFToken": token().content}});
  if (!response || response.status >= 500 || asked === "lock" || Date.now() - worked < idle) return;
  show("lock");
  tabs?.postMessage({locked: true});
}

function show(what) {
  if (asked === "lock" || asked === what) return;
  asked = what;
  before ||= document.activeElement;
  for (const node of box.querySelectorAll("[data-lock]")) node.textContent = node.dataset[what];
  box.classList.toggle("whole", what === "lock");
  later.hidden = what === "lock";
  leave.hidden = what !== "lock";
  error.textContent = field.value = "";
  if (!box.open) box.showModal();
  field.focus();
}

async function answer(again = true) {
  const response = await ask("/unlock", {method: "POST", body: JSON.stringify({password: field.value}),
    headers: {"Content-Type": "application/json", "X-CSRFToken": token().content}});
  const said = await response?.json().catch(() => null);
  if (said?.ok) { tabs?.postMessage({token: said.token}); reopen(said.token); return; }
  if (response?.status === 400 && again && await freshToken()) { answer(false); return; }
  if (response?.status === 401) { location.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`; return; }
  error.textContent = said?.error || box.dataset.wrong;
  field.select();
}

async function freshToken() {
  const fresh = await ask("/unlock").then((response) => response?.json()).catch(() => null);
  if (fresh?.token) token().content = fresh.token;
  return Boolean(fresh?.token);
}

function reopen(fresh) {
  token().content = fresh;
  for (const hidden of document.querySelectorAll("input[name=csrf_token]")) hidden.value = fresh;
  asked = "";
  postponed = false;
  worked = heard = Date.now();
  if (box.open) box.close();
  before?.focus({preventScroll: true});
  before = null;
  queue.flush();
}

// The server's answer, or null without one.
function ask(url, more = {}) {
  return fetch(url, {...more, headers: {"Accept": "application/json", "X-Account": queue.account, ...more.headers}}).catch(() => null);
}

function token() { return document.querySelector('meta[name="csrf-token"]'); }
