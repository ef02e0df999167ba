// The service worker: pages of own courses that were seen open without a connection, marked as what they are. Network first.
// A page is kept only when the server says so (X-Keep), in the cache of its account (X-Account); a page without an account, such
// as the sign-in, or with another one empties it, and so does signing out.

const ASSETS = "static", SHELL = "shell", PAGES = "pages-", MOST = 60, PATIENCE = 8000;
let turn = 0;  // grows with each emptying: a page asked for before is not kept after

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const {request} = event, url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/logout") event.waitUntil(forget(""));
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) event.respondWith(asset(request, url));
  else if (request.mode === "navigate") event.respondWith(page(event, url));
});

// The page that brought this worker was there before it: keep it too, with what it needs.
self.addEventListener("message", (event) => {
  const {page: address, assets} = event.data;
  event.waitUntil(Promise.all([
    fetch(address, {credentials: "same-origin"}).then((response) => remember(new URL(address), response, turn)),
    ...assets.map((name) => asset(new Request(name), new URL(name))),
  ]).catch(() => null));
});

// The page for what is not kept, with its own files.
async function keepShell() {
  const cache = await caches.open(SHELL);
  await cache.add(new Request("/offline", {cache: "reload"}));
  const files = (await (await cache.match("/offline", {ignoreVary: true})).text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g);
  for (const [, path] of files) await asset(new Request(path), new URL(path, self.location.origin));
}

async function page(event, url) {
  const before = turn, answer = fetch(event.request), kept = await keptPage(url);
  event.waitUntil(answer.then((response) => remember(url, response.clone(), before)).catch(() => null));
  if (!kept) return answer.catch(() => caches.match("/offline", {ignoreVary: true}));
  const late = new Promise((done) => { setTimeout(() => done(null), PATIENCE); });
  const first = await Promise.race([answer.catch(() => null), late]);
  return first && first.status < 502 ? first : marked(kept);
}

async function keptPage(url) {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES));
  return names.length === 1 ? (await caches.open(names[0])).match(addressOf(url), {ignoreVary: true}) : null;
}

// The same page says by an attribute that it is a kept one; how that looks is its own affair.
async function marked(kept) {
  const headers = new Headers(kept.headers);
  ["Content-Encoding", "Content-Length"].forEach((name) => headers.delete(name));
  return new Response((await kept.text()).replace("<body", "<body data-offline"), {headers});
}

async function remember(url, response, before) {
  if (response.type === "opaqueredirect" || response.status >= 400) return;
  const account = response.headers.get("X-Account"), names = await caches.keys();
  if (!account && /^text\/html/.test(response.headers.get("Content-Type"))) { await forget(""); return; }
  if (names.some((name) => name.startsWith(PAGES) && name !== PAGES + account)) await forget(account);
  if (!response.headers.get("X-Keep") || response.redirected || before !== turn) return;
  const cache = await caches.open(PAGES + account);
  await cache.put(addressOf(url), response);
  if (before !== turn) { await forget(""); return; }
  const old = (await cache.keys()).slice(0, -MOST);
  await Promise.all(old.map((each) => cache.delete(each)));
}

// Everything of other accounts goes; of all with "".
async function forget(account) {
  turn += 1;
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== PAGES + account);
  await Promise.all(names.map((name) => caches.delete(name)));
}

// A lesson is one page, whoever's comment it was opened at.
function addressOf(url) { return url.origin + url.pathname + (url.pathname.startsWith("/lesson/") ? "" : url.search); }

// Files with a fingerprint never change; the modules they import are asked for first.
async function asset(request, url) {
  const cache = await caches.open(ASSETS), kept = await cache.match(request.url, {ignoreVary: true});
  if (kept && url.searchParams.has("v")) return kept;
  try {
    const response = await fetch(request);
    if (response.ok) {
      const older = (await cache.keys()).filter((each) => new URL(each.url).pathname === url.pathname);
      await Promise.all(older.map((each) => cache.delete(each)));
      await cache.put(request.url, response.clone());
    }
    return response;
  } catch (problem) {
    const other = kept || await cache.match(request.url, {ignoreVary: true, ignoreSearch: true});
    if (other) return other;
    throw problem;
  }
}
