// The queue: what was typed is kept in this browser first (IndexedDB, by account), then sent in order, each save with a key of its own.
// It outlives a cut link, a closed page, an ended session and a stopped server; the key makes a repeated try apply once.
//
//   import * as queue from "./queue.js";
//   queue.put({url, place, cell, what, seen})   a cell of POST /journal/<course>/cells: {pupil, lesson, value, …}; cells go in batches
//   queue.put({url, place, body, what, seen, files, text})   a form: `body` is its fields [[name, value], …], sent urlencoded with the
//                                               further fields seen, key, typed, offset, clock; `files` are [[name, File], …] that go
//                                               along, after everything else; `text` is what was typed in words, for a person to read
//     place  one string for what the save is about («lesson-7-topic»): a later save of the same place takes the place of an earlier
//            one that was never tried; otherwise it follows it, with the version the earlier one wrote as its `seen`
//     what   words for the list of what waits: «Иванова Анна, 17 дек.: 5»
//     seen   the version that was looked at; the server answers «conflict» when another one stands
//   queue.listen({answer(item, answer), changed(state)})
//     answer is the server's: {state: saved · late · reason_required · refused · conflict, value, version, message, rule, clause};
//            what is not saved stays in `state().troubles` until `dismiss` or another `put` of its place
//   queue.state() → {waiting, since, why: "" | "offline" | "server" | "again" | "other" | "lock" | "confirm", where, said, troubles, lasting}
//     again: a page of the server (`where`, for a reason `said`) stands before it; lock, confirm: the password is asked for (lock.js)
//   queue.waits(place) · queue.items(url) · queue.flush() · queue.dismiss(id) · queue.retry(id, {value, seen, reason, protocol})
//   queue.fits(files)                           may so many files wait here with those that wait already?
//
// Beside it the drafts: what is typed on a page that is saved as a whole, kept the same way until that page says it is saved.
//   queue.keepDraft(place, what, draft) · queue.draft(place) · queue.dropDraft(place)

const BATCH = 100, PAUSE = 120, PATIENCE = 30000, FIRST_RETRY = 2000, LAST_RETRY = 30000;
const MOST_BYTES = 48 * 2 ** 20, SLOWEST = 10;  // of files that wait; bytes a millisecond on a link as bad as they come
const WRITTEN = ["saved", "late"], SKEW = "zhurnal-clock";

export const account = meta("account")?.content || "", foreign = Boolean(meta("account")?.hasAttribute("data-foreign"));

const listeners = [], incoming = [], sealed = new Set(), made = new Map();  // place of a column that waited → its number in the journal
const channel = "BroadcastChannel" in window ? new BroadcastChannel(`zhurnal-${account}`) : null;
let lasting = true, rows = [], why = "", where = "", said = "", timer = 0, pause = FIRST_RETRY, sending = null, anew = false, writing = null, last = Date.now();
let opened = open();

start();

export function listen(listener) {
  listeners.push(listener);
  ready.then(() => listener.changed?.(state()));
}

export function put(save) {
  incoming.push({account, state: "waiting", tried: false, ...save, key: freshKey(), typed: Date.now(), offset: skew()});
  writing ||= Promise.resolve().then(keepIncoming);
  return writing;
}

export function state() {
  const waiting = rows.filter(isWaiting);
  return {waiting: waiting.length + incoming.length, since: waiting.length ? waiting[0].typed + (waiting[0].offset || 0) : null, why, where, said,
    troubles: rows.filter((row) => !isWaiting(row)), lasting};
}

export function waits(place) {
  return [...rows, ...incoming].some((row) => row.place === place && isWaiting(row));
}

export function items(url) { return rows.filter((row) => row.url === url); }

// Does this page ask about the item in a place of its own?
export function shown(item) { return listeners.some((listener) => listener.shows?.(item)); }

// The server's time, in milliseconds, as far as it is known.
export function now() { return Date.now() + (skew() || 0); }

export function flush() {
  if (sending) { anew = true; return sending; }
  clearTimeout(timer);
  sending = (writing || Promise.resolve()).then(() => alone(sendAll)).finally(() => {
    sending = null;
    if (anew) { anew = false; schedule(0); }
  });
  return sending;
}

// Later saves follow what is in the queue now and do not take its place.
export function seal() {
  rows.forEach((row) => sealed.add(row.id));
  incoming.forEach((item) => { item.tried = true; });
}

// Given up; marks of a column that is given up have nowhere to stand, and say so.
export function dismiss(id) {
  return change((all) => {
    const column = all.find((row) => row.id === id)?.place;
    const keep = all.filter((row) => columnOf(row) === column && column).map((row) => ({...row, state: "refused", answer: {state: "refused", message: row.orphan}}));
    return {drop: [id], keep};
  }).then(tell);
}

// What was not saved once more: with another value, a reason, a protocol, or the version that stands as seen.
export function retry(id, more) {
  const row = rows.find((each) => each.id === id);
  if (!row) return null;
  const {seen = row.seen, ...fields} = more, {url, place, what, text} = row;
  if (row.cell) return put({url, place, what, seen, cell: {...row.cell, ...fields}});
  return put({url, place, what, seen, text, body: [...row.body.filter(([name]) => !(name in fields)), ...Object.entries(fields)]});
}

export function fits(files) { return bytesOf([...rows, ...incoming].flatMap((row) => row.files || []).concat(files)) <= MOST_BYTES; }

// What of the account is in this browser only, in words.
export async function left() {
  return [...rows, ...await inDrafts("readonly", (drafts) => drafts.index("account").getAll(account))].map(({what}) => what);
}

// At sign-out: nothing of the account stays in this browser.
export async function empty() {
  await change((all) => ({drop: all.map((row) => row.id)}));
  await inDrafts("readwrite", (drafts) => {
    drafts.index("account").getAllKeys(account).onsuccess = ({target}) => target.result.forEach((key) => drafts.delete(key));
  });
  tell();
}

// ---- drafts ----

export function keepDraft(place, what, draft) { return inDrafts("readwrite", (drafts) => drafts.put({...draft, account, place, what})); }

export async function draft(place) {
  const kept = await inDrafts("readonly", (drafts) => drafts.get([account, place]));
  return kept?.place ? kept : null;
}

export function dropDraft(place) { return inDrafts("readwrite", (drafts) => drafts.delete([account, place])); }

// What one request of a transaction over the drafts brings; an empty list where this browser keeps nothing.
async function inDrafts(mode, act) {
  const database = await opened;
  if (!database) return [];
  return new Promise((done) => {
    const transaction = database.transaction("drafts", mode, {durability: "strict"}), request = act(transaction.objectStore("drafts"));
    transaction.oncomplete = () => done(request?.result);
    transaction.onabort = () => done([]);
  });
}

function token() { return meta("csrf-token").content; }

// ---- keeping ----

function start() {
  if (meta("now") && !document.body.hasAttribute("data-offline")) setSkew(Number(meta("now").content));
  channel?.addEventListener("message", ({data}) => {
    if (data.answer) { learn(...data.answer); heard(...data.answer); }
    if (data.why !== undefined) ({why, where, said} = data);
    change(() => ({})).then(() => told());
  });
  window.addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") flush(); });
  window.addEventListener("beforeunload", (event) => { if (incoming.length || (!lasting && rows.length)) event.preventDefault(); });
}

export const ready = change(() => ({})).then(() => { if (rows.some(isWaiting)) flush(); });

// The database of this browser; null where there is none, or where nothing may be left behind: the queue then lives as long as its page.
function open() {
  return new Promise((done) => {
    if (foreign) { done(forgetful()); return; }
    try {
      const request = indexedDB.open("zhurnal", 2);
      request.onupgradeneeded = () => {
        const made = request.result.objectStoreNames;
        if (!made.contains("saves")) request.result.createObjectStore("saves", {keyPath: "id", autoIncrement: true}).createIndex("account", "account");
        if (!made.contains("drafts")) request.result.createObjectStore("drafts", {keyPath: ["account", "place"]}).createIndex("account", "account");
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close();  // a newer page wants to change it
        done(request.result);
      };
      request.onerror = request.onblocked = () => done(forgetful());
    } catch { done(forgetful()); }
  });
}

function forgetful() { lasting = false; return null; }

// One transaction over the account's rows: `edit(rows)` gives {keep: rows to write, drop: ids to delete}.
async function change(edit) {
  const database = await opened;
  if (!database) return changeInMemory(edit);
  return new Promise((done, fail) => {
    const transaction = database.transaction("saves", "readwrite", {durability: "strict"}), saves = transaction.objectStore("saves");
    saves.index("account").getAll(account).onsuccess = ({target}) => {
      const {keep = [], drop = []} = edit(target.result);
      keep.forEach((row) => saves.put(row));
      drop.forEach((id) => saves.delete(id));
      saves.index("account").getAll(account).onsuccess = (event) => { rows = event.target.result; };
    };
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error);
  }).catch(() => { opened = forgetful(); return changeInMemory(edit); });  // the disk is full: go on in memory, and say so
}

function changeInMemory(edit) {
  const {keep = [], drop = []} = edit(rows), gone = new Set([...drop, ...keep.map((row) => row.id)]);
  rows = [...rows.filter((row) => !gone.has(row.id)), ...keep.map((row) => ({...row, id: row.id || (last += 1)}))].sort((a, b) => a.id - b.id);
}

async function keepIncoming() {
  const fresh = incoming.slice();
  await change((all) => fresh.map(placed).reduce(joined, {all: [...all], keep: [], drop: []}));
  incoming.splice(0, fresh.length);
  writing = incoming.length ? Promise.resolve().then(keepIncoming) : null;
  tell();
  schedule(why ? pause : PAUSE);
}

// A save of a place that waits untried takes its row; what was refused there before is settled by it, and its files go with this one.
function joined({all, keep, drop}, save) {
  const same = all.filter((row) => row.place === save.place), standing = same.filter(isWaiting).pop(), settled = same.filter((row) => !isWaiting(row) && row.id);
  const files = [...settled.flatMap((row) => row.files || []), ...(save.files || [])], item = files.length ? {...save, files} : save;
  drop.push(...settled.map((row) => row.id));
  if (standing && !standing.tried && !standing.files && !sealed.has(standing.id) && !isStep(standing, save)) {
    const row = {...item, seen: standing.seen, ...(standing.id && {id: standing.id})};
    return {all: [...all.filter((each) => each !== standing), row], keep: [...keep.filter((each) => each !== standing), row], drop};
  }
  return {all: [...all, item], keep: [...keep, item], drop};
}

// A cell that is cleared and written again is two entries: a mark may not simply cover an absence, after clearing it may stand.
function isStep(before, after) { return before.cell && !before.cell.value && after.cell.value; }

function isWaiting(row) { return row.state === "waiting"; }

// A mark may wait for its column: its `work` is then "@" and the place of the column in this queue, and it is sent once the journal has that.
function columnOf(row) { return typeof row.cell?.work === "string" && row.cell.work.startsWith("@") ? row.cell.work.slice(1) : ""; }

function placed(row) {
  const work = made.get(columnOf(row));
  return work ? {...row, place: row.place.replace(row.cell.work, work), cell: {...row.cell, work}} : row;
}

function learn(row, answer) {
  const work = answer.work?.id ?? Number(/^work (\d+)$/.exec(answer.wrote)?.[1]);
  if (work && !row.cell && WRITTEN.includes(answer.state)) made.set(row.place, work);
}

function tell() {
  channel?.postMessage({why, where, said});
  told();
}

function told() { listeners.forEach((listener) => listener.changed?.(state())); }

function heard(item, answer) { listeners.forEach((listener) => listener.answer?.(item, answer)); }

// ---- sending: one tab at a time, in the order of typing ----

function alone(act) { return navigator.locks ? navigator.locks.request(`zhurnal-${account}`, act) : act(); }

function schedule(after) {
  clearTimeout(timer);
  timer = setTimeout(flush, after);
}

async function sendAll() {
  const held = new Set();  // addresses that failed on the server, saves that want the password: the others need not wait for them
  let stuck = "";
  for (;;) {
    let batch = [];
    await change((all) => {
      batch = nextBatch(lightFirst(all.filter((row) => isWaiting(row) && !columnOf(row) && !held.has(row.url) && !held.has(row.id))));
      return {keep: batch.filter((row) => !row.tried).map((row) => ({...row, tried: true}))};
    });
    if (!batch.length) break;
    const problem = await send(batch).catch(() => "offline");
    if (problem) stuck = problem;
    if (problem === "server") held.add(batch[0].url);
    else if (problem === "confirm") batch.filter((row) => !row.cell?.lesson).forEach((row) => held.add(row.id));
    else if (problem) break;
  }
  why = stuck;
  if (stuck) { schedule(pause); pause = Math.min(2 * pause, LAST_RETRY); } else pause = FIRST_RETRY;
  tell();
}

// Files last, with what follows them in the same place: marks do not wait for a photograph.
function lightFirst(waiting) {
  const heavy = new Set(waiting.filter((row) => row.files).map((row) => row.place));
  return [...waiting.filter((row) => !heavy.has(row.place)), ...waiting.filter((row) => heavy.has(row.place))];
}

function bytesOf(files) { return files.reduce((sum, [, file]) => sum + file.size, 0); }

// The oldest save and, when it is a cell, those after it for the same journal, each place once.
function nextBatch(waiting) {
  const batch = [], places = new Set();
  for (const row of waiting) {
    if (batch.length === BATCH || (batch.length && (!row.cell || row.url !== batch[0].url || places.has(row.place)))) break;
    batch.push(row);
    places.add(row.place);
    if (!row.cell) break;
  }
  return batch;
}

// "" when the batch was answered, or why it has to wait.
async function send(batch, again = true) {
  const response = await post(batch), answer = await response.json().catch(() => null);
  clocked(response);
  if (batch[0].cell && answer?.cells) { for (const [number, row] of batch.entries()) await answered(row, answer.cells[number]); return ""; }
  if (!batch[0].cell && answer?.state) { await answered(batch[0], answer); return ""; }
  if (response.status >= 500 || response.status === 429) return "server";
  if (response.status === 409) return "other";
  if (response.status === 401 || response.redirected) return stopped(answer);
  if (response.status === 400 && again) return await freshToken() || send(batch, false);
  if (batch.length > 1) { for (const row of batch) { const problem = await send([row]); if (problem) return problem; } return ""; }
  await answered(batch[0], {state: "refused", message: [answer?.error, answer?.message].filter(Boolean).join(". "), lost: true});
  return "";
}

// Why the server takes nothing from this account now.
function stopped(answer) {
  [where, said] = [answer?.where || "/login", answer?.where === "/login" ? "" : answer?.error || ""];
  return answer?.ask || "again";
}

function post(batch) {
  const [first] = batch, times = {clock: Date.now()}, stop = new AbortController();
  const fields = (row) => ({seen: row.seen, key: row.key, typed: row.typed, offset: row.offset});
  const headers = {"Accept": "application/json", "X-CSRFToken": token(), "X-Account": account};
  const given = Object.entries({...fields(first), ...times}).filter(([, value]) => value !== undefined && value !== null);
  const pairs = first.cell ? [] : [...first.body.filter(([name]) => name !== "csrf_token" && name !== "seen"), ...given], files = first.files || [];
  const body = first.cell ? JSON.stringify({cells: batch.map((row) => ({...row.cell, ...fields(row)})), ...times}) : files.length ? new FormData() : new URLSearchParams(pairs);
  if (first.cell) headers["Content-Type"] = "application/json";
  if (files.length) [...pairs, ...files].forEach(([name, value]) => { if (value instanceof Blob) body.append(name, value, value.name); else body.append(name, value); });
  const bell = setTimeout(() => stop.abort(), PATIENCE + bytesOf(files) / SLOWEST);
  return fetch(first.url, {method: "POST", body, headers, credentials: "same-origin", signal: stop.signal}).finally(() => clearTimeout(bell));
}

async function answered(row, answer) {
  let next = null;
  learn(row, answer);
  await change((all) => {
    next = all.find((each) => each.place === row.place && each.id > row.id && isWaiting(each));
    if (WRITTEN.includes(answer.state)) return {drop: [row.id], keep: [...(next ? [{...next, seen: answer.wrote || answer.version || next.seen}] : []), ...all.filter((each) => made.has(columnOf(each))).map(placed)]};
    if (next) return {drop: [row.id], keep: [{...next, seen: row.seen}]};
    return {keep: [{...row, state: answer.state, answer}]};
  });
  if (next) return;
  heard(row, answer);
  channel?.postMessage({answer: [row, answer]});
}

// ---- the clock and the token ----

// How far the server's clock is from this machine's, in milliseconds, as measured when it last answered.
function skew() {
  try { const kept = localStorage.getItem(SKEW); return kept === null ? null : Number(kept); } catch { return null; }
}

function setSkew(now) { if (!foreign) try { localStorage.setItem(SKEW, String(Math.round(now - Date.now()))); } catch { /* forbidden: the age alone counts */ } }

function clocked(response) { if (response.headers.get("X-Now")) setSkew(Number(response.headers.get("X-Now"))); }

// A token that is too old, or of the session before: take a fresh one. "" when there is one, or why not.
async function freshToken() {
  const response = await fetch("/queue", {headers: {"Accept": "application/json", "X-Account": account}, credentials: "same-origin"});
  const answer = await response.json().catch(() => null);
  if (response.status === 409) return "other";
  if (!answer?.token) return response.status >= 500 ? "server" : stopped(answer);
  meta("csrf-token").content = answer.token;
  return "";
}

function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function meta(name) { return document.querySelector(`meta[name="${name}"]`); }
