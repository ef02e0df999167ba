// What every page of an account tells about its queue: how many records wait and since when, what was not saved and why, side by side
// with what stands; signing out with records that were not sent; a page that is shown without a connection.

import * as queue from "./queue.js";

const words = JSON.parse(document.getElementById("queue-words").textContent), now = document.querySelector('meta[name="now"]');
const box = document.getElementById("queue"), line = box.firstElementChild, list = h("section", {hidden: true, class: "box rows", "aria-label": words.troubles});
const plural = new Intl.PluralRules(document.documentElement.lang);
let drawn = "";

box.append(list);
queue.listen({changed});
if (document.body.hasAttribute("data-offline")) {
  box.prepend(note("late", h("p", {}, say(words.shown, {time: moment(Number(now.content))})), h("a", {class: "btn push", href: location.pathname + location.search}, words.refresh)));
}
for (const form of document.querySelectorAll('form[action$="/logout"]')) form.addEventListener("submit", (event) => leaving(event, form));
keepPages();

function changed(state) {
  showWaiting(state);
  const troubles = state.troubles.filter((item) => !queue.shown(item)), key = JSON.stringify(troubles.map(({id, answer}) => [id, answer]));
  if (key === drawn) return;
  drawn = key;
  list.replaceChildren(h("header", {}, h("h2", {}, words.troubles)), ...troubles.map(trouble));
  list.hidden = !troubles.length;
}

function showWaiting({waiting, since, why, where, said, lasting}) {
  if (!waiting || !why) { line.replaceChildren(); return; }
  const text = h("p", {}, h("b", {}, `${count(words.waiting[{lock: "password", confirm: "password", other: "again"}[why] || why], waiting, {time: moment(since)})}. `), why === "again" && said ? `${said}.` : words[why], lasting ? "" : ` ${words.mayBeLost}`);
  const act = why === "again" ? h("a", {class: "btn", href: `${where}?next=${encodeURIComponent(location.pathname + location.search)}`}, said ? words.open : words.signIn)
    : h("button", {type: "button", class: "btn", click: () => queue.flush()}, words.send);
  if (line.textContent !== text.textContent + act.textContent) line.replaceChildren(note("late", text, act));
}

// One record that was not saved: what it is, why, what stands beside what was typed, and what can be done.
function trouble(item) {
  const {answer} = item, typed = item.cell ? item.cell.value : item.text ?? textOf(item.body), rows = (answer.rows || []).map((row) => `${row.name}: ${row.message}`);
  const told = [...new Set([answer.message, ...rows])].filter(Boolean).join(" ");
  const clause = answer.clause && !told.includes(answer.clause) ? ` ${say(words.clause, {clause: answer.clause})}.` : "";
  const head = h("p", {}, h("b", {}, item.what), ` · ${say(words.typed, {time: moment(item.typed + (item.offset || 0))})}`);
  const sides = answer.state === "conflict" && answer.value !== undefined ? h("div", {class: "was"}, side(words.inJournal, answer.value), h("span", {}, "↔"), side(words.yours, typed)) : null;
  return h("div", {class: "pad flow", role: "group", "aria-label": item.what}, head, h("p", {}, told + clause), sides, h("div", {class: "line"}, ...choices(item, typed)));
}

function choices(item, typed) {
  const {answer} = item, dismiss = button(words.dismiss, () => queue.dismiss(item.id)), copy = button(words.copy, (event) => copied(event.currentTarget, typed));
  if (answer.state === "conflict") {
    const [mine, theirs] = item.cell ? [say(words.mine, {value: typed || words.empty}), say(words.theirs, {value: answer.value || words.empty})]
      : [words.mineText, words.theirsText];
    return [button(mine, () => queue.retry(item.id, {seen: answer.version})), button(theirs, () => queue.dismiss(item.id)), copy];
  }
  if (answer.state !== "reason_required") return [answer.ask ? h("a", {class: "btn", href: `/corrections/new?${answer.ask}`}, words.ask) : null, copy, dismiss];
  const id = `why-${item.id}`, why = h("input", {id, maxlength: 300, required: true});
  return [h("div", {class: "field"}, h("label", {for: id}, words.why), why),
    button(words.write, () => (why.value.trim() ? queue.retry(item.id, {reason: why.value.trim()}) : why.focus())), copy, dismiss];
}

function side(title, value) { return h("div", {}, h("small", {}, title), h("b", {}, value || words.empty)); }

function textOf(body) { return body.map(([name, value]) => (name.startsWith("v-") || name === "csrf_token" ? "" : value)).filter(Boolean).join("\n"); }

// Without the clipboard (an address without https) what was typed stands selected, ready for Ctrl+C.
async function copied(node, text) {
  try {
    await navigator.clipboard.writeText(text);
    node.textContent = words.copied;
  } catch {
    const field = h("textarea", {readonly: true, "aria-label": words.yours}, text);
    node.replaceWith(field);
    field.select();
  }
}

// ---- signing out ----

async function leaving(event, form) {
  if (form.dataset.sure) return;
  event.preventDefault();
  form.querySelector("button").textContent = words.sending;
  await queue.flush();
  const left = await queue.left();
  if (!left.length) { await leave(form); return; }
  const list_ = h("ul", {}, ...left.map((what) => h("li", {}, what)));
  const stay = button(words.stay, () => location.reload()), go = button(words.leave, () => leave(form));
  const warning = h("div", {class: "flow", role: "alertdialog", "aria-labelledby": "unsent"},
    h("h2", {id: "unsent"}, count(words.unsent, left.length)), h("p", {}, words.leaving), list_, h("div", {class: "line"}, stay, go));
  stay.classList.add("primary");
  form.hidden = true;
  form.after(h("div", {class: "note late"}, warning));
  stay.focus();
}

async function leave(form) {
  await queue.empty();
  for (const name of "caches" in window ? await caches.keys() : []) if (name.startsWith("pages-")) await caches.delete(name);
  form.dataset.sure = "1";
  form.submit();
}

// ---- pages for work without a connection ----

async function keepPages() {
  if (queue.foreign || !navigator.serviceWorker || document.body.hasAttribute("data-offline")) return;
  for (const name of await caches.keys()) if (name.startsWith("pages-") && name !== `pages-${queue.account}`) await caches.delete(name);
  await navigator.serviceWorker.register("/sw.js").catch(() => null);
  if (performance.getEntriesByType("navigation")[0]?.workerStart) return;  // this page came through the worker already
  const worker = (await navigator.serviceWorker.ready).active;
  if (document.readyState !== "complete") await new Promise((done) => { addEventListener("load", done, {once: true}); });  // all modules are named by then
  const assets = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => new URL(name).pathname.startsWith("/static/"));
  worker.postMessage({page: location.href, assets});
}

// ---- words and nodes ----

function moment(at) {
  const zone = now.dataset.zone, day = (when) => new Intl.DateTimeFormat(document.documentElement.lang, {timeZone: zone, day: "numeric", month: "long"}).format(when);
  const time = new Intl.DateTimeFormat(document.documentElement.lang, {timeZone: zone, hour: "2-digit", minute: "2-digit"}).format(at);
  return day(at) === day(queue.now()) ? time : `${time}, ${day(at)}`;
}

function count(forms, n, values = {}) {
  return say(forms[{one: 0, few: 1}[plural.select(n)] ?? 2], {n, ...values});
}

function say(text, values) { return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole); }

function note(kind, ...children) { return h("div", {class: `note ${kind}`}, ...children); }

function button(label, click) { return h("button", {type: "button", class: "btn", click}, label); }

function h(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}
