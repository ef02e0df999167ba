// The layer under a cell: keys as buttons, a refusal, a reason, a conflict, the history. One at a time; it never covers its cell.

const words = JSON.parse(document.getElementById("words").textContent);
let open = null;

export { words };

export function say(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function close() {
  open?.layer.remove();
  open = null;
}

export function isOpen(cell) { return open !== null && (!cell || open.cell === cell); }

export function kind() { return open?.kind; }

export function cell() { return open?.cell; }

export function enter() { (open?.layer.querySelector("textarea") || open?.layer.querySelector("input, button"))?.focus(); }

export function contains(node) { return open !== null && open.layer.contains(node); }

// Builds a node: h("p", {class: "hint"}, "text", child…); a function among the attributes is a listener.
export function h(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// {n} markers of a text become bold.
function bold(text, values) {
  return text.split(/(\{\w+\})/).map((part) => (/^\{\w+\}$/.test(part) ? h("b", {}, values[part.slice(1, -1)] || words.empty) : part));
}

function button(label, act, primary = false) {
  return h("button", {type: "button", class: primary ? "btn primary" : "btn", click: act}, h("span", {}, ...[label].flat()));
}

export function show(cell, kindOfLayer, role, label, ...children) {
  close();
  const layer = h("div", {class: `pop float${kindOfLayer === "keys" ? " slim" : ""}`, role, "aria-label": label}, ...children);
  document.getElementById("main").append(layer);
  open = {cell, layer, kind: kindOfLayer};
  place();
  return layer;
}

export function place() {
  if (!open) return;
  const box = open.cell.getBoundingClientRect(), own = open.layer.getBoundingClientRect();
  if (open.column) {  // beside the cells it is about, which stand below one another
    const right = box.right + 6 + own.width < window.innerWidth;
    open.layer.style.top = `${Math.max(4, Math.min(box.top, window.innerHeight - own.height - 8))}px`;
    open.layer.style.left = `${Math.max(8, right ? box.right + 6 : box.left - own.width - 6)}px`;
    return;
  }
  const below = box.bottom + 6, above = box.top - own.height - 6;
  const top = below + own.height < window.innerHeight || above < 0 ? below : above;
  const left = Math.min(Math.max(8, box.right - own.width + 2), window.innerWidth - own.width - 8);
  open.layer.style.top = `${Math.max(4, top)}px`;
  open.layer.style.left = `${Math.max(8, left)}px`;
}

// ---- what it can be ----

export function keys(cell, values, {title, put, second, restore}) {
  const pads = values.map((value) => button(value, () => put(value), value === "5"));
  show(cell, "keys", "dialog", title || words.choose,
    title ? h("h2", {}, title) : null,
    h("div", {class: "keys"}, ...pads, title ? null : h("button", {type: "button", class: "btn", "aria-label": words.clear, click: () => put("")}, "×")),
    second ? h("div", {class: "line"}, h("button", {type: "button", class: "btn quiet", click: second}, `${words.second} `, h("kbd", {}, "/"))) : null,
    title ? null : h("p", {class: "hint"}, words.hint));
  open.column = Boolean(title);
  place();
  open.layer.addEventListener("keydown", (event) => { if (event.key === "Escape") { restore(); event.stopPropagation(); } });
}

// One button for all cells of the same kind, when there are several; `count` follows the answers that come in meanwhile.
function forAll(many, text, act) {
  const node = button(say(text, {n: many}), act);
  node.hidden = many < 2;
  node.dataset.text = text;
  return node;
}

export function count(many) {
  for (const node of open?.layer.querySelectorAll("[data-text]") || []) {
    node.hidden = many < 2;
    node.firstChild.textContent = say(node.dataset.text, {n: many});
  }
}

export function refusal(cell, answer, wanted, {many, keep, keepAll, write, ask, askAll}) {
  const retake = answer.rule === "retake.protocol";
  const children = [h("h2", {}, h("span", {class: "t bad"}, "! "), words.refused[0].toUpperCase() + words.refused.slice(1)), h("p", {}, answer.message)];
  if (retake) children.push(...protocol(wanted, answer.value, write));
  if (answer.ask) children.push(h("div", {class: "line"}, button([words.ask], ask, true), forAll(many, words.askAll, askAll)));
  children.push(h("div", {class: "line"}, button([words.ok], keep, !retake && !answer.ask), forAll(many, words.okAll, keepAll)));
  show(cell, "refused", "alertdialog", words.refused, ...children);
}

// A mark typed over «н»: either a retake by protocol, or the pupil was there after all.
function protocol(wanted, standing, write) {
  const mark = wanted.replace(/^[^\d]*/, "") || wanted, code = standing.split("→")[0];
  const number = h("input", {id: "p-number", maxlength: 40}), day = h("input", {id: "p-day", type: "date"});
  const take = () => {
    if (!number.value.trim()) { number.setAttribute("aria-invalid", "true"); number.focus(); return; }
    if (!day.value) { day.setAttribute("aria-invalid", "true"); day.focus(); return; }
    write(wanted, {protocol: {number: number.value.trim(), day: day.value}});
  };
  return [
    h("div", {class: "field"}, h("label", {for: "p-number"}, words.number), number),
    h("div", {class: "field"}, h("label", {for: "p-day"}, words.day), day),
    h("div", {class: "line"}, button(bold(words.retake, {value: mark}), take, true)),
    h("div", {class: "line"}, button(bold(words.was, {code, value: mark}), () => write(mark, {clear: true}))),
  ];
}

let lastReason = "";

export function reason(cell, answer, wanted, {many, keep, keepAll, write, writeAll}) {
  const text = h("textarea", {id: "why", maxlength: 300, "aria-describedby": "why-hint"});
  const err = h("p", {class: "err", id: "why-err", hidden: true}, words.shortReason);
  text.value = lastReason;
  const choices = h("div", {class: "line"}, ...words.reasons.map((each) => h("button", {type: "button", class: "btn", click: () => { text.value = each; text.focus(); }}, each)));
  const save = (all = false) => {
    if (text.value.trim().length < 4) { text.setAttribute("aria-invalid", "true"); text.setAttribute("aria-describedby", "why-err"); err.hidden = false; text.focus(); return; }
    lastReason = text.value.trim();
    if (all) writeAll({reason: lastReason}); else write(wanted, {reason: lastReason});
  };
  const layer = show(cell, "reason", "dialog", words.reason_required,
    h("h2", {}, h("span", {class: "t late"}, "? "), words.reason_required[0].toUpperCase() + words.reason_required.slice(1)),
    h("p", {}, answer.message), choices,
    h("div", {class: "field"}, h("label", {for: "why"}, words.why), text, err, h("p", {class: "hint", id: "why-hint"}, words.whyHint)),
    h("div", {class: "line"}, button(bold(words.write, {value: wanted}), () => save(), true), button(bold(words.keep, {value: answer.value}), keep)),
    h("div", {class: "line"}, forAll(many, words.writeAll, () => save(true)), forAll(many, words.keepAll, keepAll)));
  layer.addEventListener("keydown", (event) => {
    if (event.key === "Escape") keep();
    if (event.key === "Enter" && event.target === text && !event.shiftKey) { event.preventDefault(); save(); }
  });
  text.focus();
}

export function conflict(cell, answer, wanted, {many, keep, keepAll, write}) {
  const side = (title, value, note) => h("div", {}, h("small", {}, title), h("b", {}, value || words.empty), note ? h("small", {}, note) : null);
  show(cell, "conflict", "alertdialog", words.conflict,
    h("h2", {}, h("span", {class: "t bad"}, "↔ "), words.meanwhile),
    h("div", {class: "was"}, side(words.inJournal, answer.value), h("span", {}, "↔"), side(words.yours, wanted, words.notSaved)),
    h("div", {class: "line"}, button(bold(words.keep, {value: answer.value}), keep), button(bold(words.write, {value: wanted}), () => write(wanted, {}), true)),
    h("div", {class: "line"}, forAll(many, words.keepAll, keepAll)),
    h("p", {class: "hint"}, words.both));
}

export function history(cell, title, lines, shut) {
  const list = lines.map((line) => h("li", {}, h("span", {class: "muted"}, line.at),
    h("span", {}, ...(line.request ? [line.url ? h("a", {href: line.url}, line.request) : line.request] : line.now ? [h("b", {}, line.now)] : [words.cleared]), ...(line.was ? [` ${words.instead} `, h("s", {}, line.was)] : []),
      ...(line.late ? [" ", h("span", {class: "tag late"}, words.lateLine)] : []), h("br"), line.who, ...(line.typed ? [h("br"), say(words.typedAt, {at: line.typed})] : []), ...(line.more ? [h("br"), line.more] : []), ...(line.why ? [h("br"), `${words.why}: ${line.why}`] : []))));
  show(cell, "history", "dialog", words.history,
    h("div", {class: "line"}, h("h2", {}, title), h("button", {type: "button", class: "btn quiet push", "aria-label": words.close, click: shut}, "×")),
    list.length ? h("ol", {class: "hist"}, ...list) : h("p", {}, words.nothing));
}

// The map of keys; `own` are the words that this journal has in place of the usual ones.
export function map(own) {
  const box = h("dialog", {class: "dialog broad map", "aria-label": words.map}, h("h2", {}, words.map),
    h("table", {class: "table"}, h("tbody", {}, ...words.keys.map(([key, meaning]) => h("tr", {}, h("th", {scope: "row"}, h("kbd", {}, own[key] || key)), h("td", {}, meaning))))),
    h("div", {class: "line mt"}, button([words.close], () => box.close(), true)));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}
