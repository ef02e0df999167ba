// Sends cells to the journal: in batches, each cell in its own order, with a key so that a repeated try is applied once.
// What cannot be sent waits on this page, outlives a reload, and leaves by itself when the network is back.

const BATCH = 100, PAUSE = 120, FIRST_RETRY = 2000, LAST_RETRY = 30000;

export class Sender {
  // `told` hears: answer(place, answer, cell sent) · wait(places, why: "offline" | "server" | "again") · sent()
  constructor(course, told) {
    this.url = `/journal/${course}/cells`;
    this.store = `journal-${course}`;
    this.told = told;
    this.queue = new Map();  // place → {cell, next}; a cell that changes while it is under way waits as `next`
    this.flying = false;
    this.stuck = false;  // the network is away: leaving the page is asked about
    this.retry = FIRST_RETRY;
    this.timer = 0;
    window.addEventListener("online", () => this.flush());
    window.addEventListener("beforeunload", (event) => { if (this.stuck) event.preventDefault(); });
  }

  get waiting() { return this.queue.size; }

  put(place, cell) {
    const standing = this.queue.get(place);
    if (standing?.flying) standing.next = cell;
    else this.queue.set(place, {cell: {...cell, key: freshKey()}});
    this.keep();
    this.schedule(PAUSE);
  }

  // What waited when the page was left: [place, cell] pairs; they are sent with the keys they had.
  restore() {
    let kept = [];
    try { kept = JSON.parse(sessionStorage.getItem(this.store) || "[]"); } catch { kept = []; }
    for (const [place, cell] of kept) this.queue.set(place, {cell});
    if (kept.length) this.schedule(0);
    return kept;
  }

  keep() {
    const rows = [...this.queue].map(([place, {cell, next}]) => [place, next ? {...next, key: freshKey()} : cell]);
    try { rows.length ? sessionStorage.setItem(this.store, JSON.stringify(rows)) : sessionStorage.removeItem(this.store); } catch { /* full or forbidden */ }
  }

  schedule(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  async flush() {
    if (this.flying || !this.queue.size) return;
    const batch = [...this.queue].slice(0, BATCH);
    this.flying = true;
    batch.forEach(([, entry]) => { entry.flying = true; });
    const why = await this.post(batch).catch(() => "offline");
    this.flying = false;
    batch.forEach(([, entry]) => { entry.flying = false; });
    if (why) this.later(batch, why);
    else this.after();
  }

  // null when the batch was answered, or why it has to wait.
  async post(batch, again = true) {
    const body = JSON.stringify({cells: batch.map(([, entry]) => entry.cell)});
    const answer = await fetch(this.url, {
      method: "POST", body, credentials: "same-origin",
      headers: {"Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": token()},
    });
    const told = await answer.json().catch(() => ({}));
    if (told.cells) { batch.forEach((pair, number) => this.answered(pair, told.cells[number])); return null; }
    if (answer.status >= 500 || answer.status === 429) return "server";
    if (answer.status === 400 && again && await freshToken()) return this.post(batch, false);
    if (answer.status === 401 || answer.redirected) return "again";
    batch.forEach((pair) => this.answered(pair, {state: "refused", message: told.message || told.error || "", lost: true}));
    return null;
  }

  answered([place, entry], answer) {
    this.queue.delete(place);
    if (!entry.next) { this.told.answer(place, answer, entry.cell); return; }
    const seen = answer.version ?? entry.next.seen;
    this.queue.set(place, {cell: {...entry.next, seen, key: freshKey()}});
  }

  later(batch, why) {
    this.stuck = true;
    for (const [place, entry] of batch) {
      if (entry.next) this.queue.set(place, {cell: {...entry.next, key: freshKey()}});
    }
    this.keep();
    this.told.wait([...this.queue.keys()], why);
    this.schedule(this.retry);
    this.retry = Math.min(2 * this.retry, LAST_RETRY);
  }

  after() {
    this.stuck = false;
    this.retry = FIRST_RETRY;
    this.keep();
    this.told.sent();
    if (this.queue.size) this.schedule(0);
  }
}

export function token() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

// A page left open overnight has a token that is too old: take the one of a fresh copy of the page.
async function freshToken() {
  const page = await fetch(location.href, {credentials: "same-origin"});
  if (!page.ok || page.redirected) return false;
  const fresh = new DOMParser().parseFromString(await page.text(), "text/html").querySelector('meta[name="csrf-token"]');
  if (!fresh || fresh.content === token()) return false;
  document.querySelector('meta[name="csrf-token"]').content = fresh.content;
  return true;
}

function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
