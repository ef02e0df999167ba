// The table of a plan by keyboard, paste from Excel, order of rows, and a draft kept in this browser, by account, until the server says
// that the plan is kept (`kept` in the address names the draft). Without it the same form works: a cleared row is taken out, the blank
// rows at the end take new topics.

import * as queue from "./queue.js";

const FIELDS = ["section", "topic", "hours", "kind", "homework"], HEAD = ["subject", "grade", "name", "source"];

const arrived = new URL(location.href), kept = arrived.searchParams.get("kept");
if (kept) {
  for (const place of [document.querySelector("form[data-plan]")?.dataset.plan, "new"].map(placeOf)) if ((await queue.draft(place))?.name === kept) await queue.dropDraft(place);
  arrived.searchParams.delete("kept");
  history.replaceState(null, "", arrived);
}
for (const form of document.querySelectorAll("form[data-plan]")) table(form);
for (const form of document.querySelectorAll("form[data-compact]")) compaction(form);

function table(form) {
  const body = form.querySelector(".plan tbody"), status = form.querySelector(".plan-status"), tools = form.querySelector(".plan-tools");
  const words = JSON.parse(status.dataset.words), home = placeOf(form.dataset.plan), anew = form.querySelector(".plan-anew");
  const pattern = blankOf(body.lastElementChild), gone = [];
  let current = body.firstElementChild, dirty = false, writing = false, stale = false, name = form.elements.draft?.value ?? crypto.getRandomValues(new Uint32Array(2)).join("-");

  tools.hidden = false;
  tools.addEventListener("click", (event) => { const what = event.target.closest("[data-do]")?.dataset.do; if (what) act[what](current); });
  body.addEventListener("focusin", (event) => { current = event.target.closest("tr"); });
  body.addEventListener("input", (event) => { fit(event.target); event.target.closest("tr").querySelector("[name=doubt]")?.remove(); changed(); });
  body.addEventListener("keydown", pressed);
  body.addEventListener("paste", pasted);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => { dirty = false; call(); });
  if (!form.elements.draft) form.append(Object.assign(document.createElement("input"), {type: "hidden", name: "draft", value: name}));
  anew?.addEventListener("click", () => { dirty = false; queue.dropDraft(home).then(() => location.reload()); });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  for (const area of body.querySelectorAll("textarea")) fit(area);
  restore();
  sum();

  const act = {
    insert: (row) => go(insert(row), "topic"),
    up: (row) => move(row, row.previousElementSibling),
    down: (row) => move(row, row.nextElementSibling?.nextElementSibling ?? null, row.nextElementSibling),
    remove: (row) => {
      const next = row.nextElementSibling ?? row.previousElementSibling, number = place(row);
      if (!next) return;
      gone.push([row, row.nextElementSibling]);
      row.remove();
      say("removed", {n: number});
      go(next, "topic");
      renumber();
    },
    undo: () => {
      const [row, before] = gone.pop() ?? [];
      if (!row) return;
      body.insertBefore(row, before?.isConnected ? before : null);
      say("undone", {});
      go(row, "topic");
      renumber();
    },
  };

  function pressed(event) {
    const field = event.target, row = field.closest("tr"), edge = atEdge(field);
    const step = {ArrowUp: edge.first && -1, ArrowDown: edge.last && 1, Enter: event.shiftKey ? -1 : 1}[event.key];
    if (event.isComposing) return;
    if (event.ctrlKey && event.key === "Enter") act.insert(row);
    else if (event.ctrlKey && event.key === "Delete") act.remove(row);
    else if (event.altKey && event.key === "ArrowUp") act.up(row);
    else if (event.altKey && event.key === "ArrowDown") act.down(row);
    else if (step && !event.altKey && !event.ctrlKey && !(field.matches("select") && event.key !== "Enter")) {
      const to = step > 0 ? row.nextElementSibling ?? insert(row) : row.previousElementSibling;
      if (to) go(to, field.name);
    } else return;
    event.preventDefault();
  }

  // ---- paste: cells of Excel from this field on, to the right and down ----

  function pasted(event) {
    const text = event.clipboardData.getData("text/plain"), field = event.target.closest("textarea, input, select");
    if (!field || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const lines = tabbed(text), from = FIELDS.indexOf(field.name), told = [];
    let row = field.closest("tr");
    for (const [index, cells] of lines.entries()) {
      if (index) row = row.nextElementSibling ?? insert(row);
      for (const [shift, value] of cells.entries()) put(row, FIELDS[from + shift], value.trim(), told);
    }
    changed();
    renumber();
    go(row, field.name);
    status.textContent = [fill(words.pasted, {n: lines.length}), ...told].join(" ");
  }

  function put(row, name, value, told) {
    const number = place(row);
    if (!name) { if (value) told.push(fill(words.wide, {n: number, v: value})); return; }
    const field = row.querySelector(`[name=${name}]`);
    if (name === "kind") {
      const found = [...field.options].find((option) => same(option.value, value) || same(option.text, value))
        ?? [...field.options].find((option) => value && option.value && option.text.toLowerCase().startsWith(value.toLowerCase().slice(0, 5)));
      if (found) field.value = found.value;
      else if (value) told.push(fill(words.kind, {n: number, v: value}));
      return;
    }
    if (name === "hours" && value && !/^\d+([.,]\d)?$/.test(value)) told.push(fill(words.hours, {n: number, v: value}));
    field.value = value.replace(/\s+/g, " ") || (name === "hours" ? "1" : "");
    fit(field);
  }

  // ---- rows ----

  function insert(row) {
    const fresh = pattern.cloneNode(true);
    row.after(fresh);
    fresh.querySelector("[name=section]").value = row.querySelector("[name=section]").value;
    renumber();
    changed();
    return fresh;
  }

  function move(row, before, needed = before) {
    if (!needed) return;
    const name = document.activeElement.closest("tr") === row ? document.activeElement.name : "topic";
    body.insertBefore(row, before);
    renumber();
    changed();
    go(row, name);
    say("moved", {n: place(row)});
  }

  function renumber() {
    for (const [index, row] of [...body.rows].entries()) {
      row.querySelector(".plan-no").textContent = index + 1;
      for (const cell of row.querySelectorAll("td[data-l]"))
        cell.querySelector("textarea, select, input:not([type=hidden])").setAttribute("aria-label", fill(words.row, {column: cell.dataset.l, n: index + 1}));
    }
    sum();
  }

  function place(row) { return [...body.rows].indexOf(row) + 1; }
  function go(row, name) { current = row; row.querySelector(`[name=${name}]`).focus(); }
  function say(word, values) { status.textContent = fill(words[word], values); }

  function sum() {
    const full = [...body.rows].filter((row) => row.querySelector("[name=topic]").value.trim());
    const hours = full.reduce((whole, row) => whole + number(row.querySelector("[name=hours]").value), 0);
    form.querySelector(".plan-sum")?.remove();
    const line = document.createElement("span");
    line.className = "plan-sum";
    line.textContent = fill(words.sum, {n: full.length, h: written(hours)});
    form.querySelector(".foot").append(line);
  }

  // ---- the draft ----

  function changed() {
    dirty = true;
    sum();
    keep();
  }

  // One write at a time; what was typed meanwhile is in the next one.
  async function keep() {
    stale = true;
    if (writing) return;
    writing = true;
    while (stale) {
      stale = false;
      await queue.keepDraft(home, fill(words.unkept, {name: form.elements.name.value || document.querySelector("h1").textContent.trim()}),
        {name, at: Date.now(), known: form.elements.known?.value, head: headOf(), rows: taken()});
    }
    writing = false;
  }

  function headOf() { return HEAD.filter((name) => form.elements[name]).map((name) => [name, form.elements[name].value]); }

  // A new row has a key: sent twice because an answer was lost, it is made once.
  function call() {
    for (const row of body.rows) {
      const key = row.querySelector("[name=key]");
      if (!key.value && !row.querySelector("[name=id]").value) key.value = `n${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    }
  }

  function taken() {
    call();
    return [...body.rows].map((row) => ["id", ...FIELDS, "key"].map((name) => row.querySelector(`[name=${name}]`).value));
  }

  // What was typed and not kept: over the rows it was typed over, so that a colleague's changes since are told as conflicts.
  async function restore() {
    const draft = form.dataset.plan && !document.querySelector("main [role=alert]") ? await queue.draft(home) : null;
    if (!draft || dirty || said(draft.rows) === said(taken())) { if (draft && !dirty) queue.dropDraft(home); return; }
    while (body.rows.length < draft.rows.length) body.append(pattern.cloneNode(true));
    while (body.rows.length > draft.rows.length) body.lastElementChild.remove();
    for (const [index, values] of draft.rows.entries()) {
      if (body.rows[index].querySelector("[name=id]").value !== values[0]) for (const extra of body.rows[index].querySelectorAll("[data-dates], th .t")) extra.remove();
      for (const [spot, name] of ["id", ...FIELDS, "key"].entries()) { const field = body.rows[index].querySelector(`[name=${name}]`); field.value = values[spot] ?? ""; fit(field); }
    }
    for (const [name, value] of draft.head) form.elements[name].value = value;
    form.elements.draft.value = name = draft.name;
    if (draft.known) form.elements.known.value = draft.known;
    renumber();
    say("draft", {when: new Date(draft.at).toLocaleString(document.documentElement.lang, {dateStyle: "long", timeStyle: "short"})});
    anew.hidden = false;
    dirty = true;
  }

  // The table in words, whoever numbered its rows: what the server kept equals what was sent.
  function said(rows) {
    return JSON.stringify(rows.map(([, ...cells]) => cells.slice(0, FIELDS.length).map((cell) => cell.trim().replace(/\s+/g, " ").replace(/^(\d+)\.(\d)$/, "$1,$2")))
      .filter(([section, topic, , , homework]) => section || topic || homework));
  }
}

function placeOf(plan) { return `plan:${plan || "new"}`; }

function blankOf(row) {
  const blank = row.cloneNode(true);
  blank.classList.remove("on");
  for (const extra of blank.querySelectorAll(".note, .hint, .err, th .tag, [name=doubt]")) extra.remove();
  for (const field of blank.querySelectorAll("textarea, input, select")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    field.value = field.name === "hours" ? "1" : "";
    field.defaultValue = field.value;
  }
  return blank;
}

function fit(field) {
  if (!field.matches("textarea")) return;
  field.rows = 1;
  const line = parseFloat(getComputedStyle(field).lineHeight);
  if (field.scrollHeight) field.rows = Math.max(1, Math.round((field.scrollHeight - 8) / line));
}

// Where the caret stands in a field of several lines: only from its edge do the arrows leave it.
function atEdge(field) {
  if (!field.matches("textarea") || field.rows < 2) return {first: true, last: true};
  return {first: field.selectionEnd === 0, last: field.selectionStart === field.value.length};
}

// Lines of cells as Excel puts them on the clipboard; a cell in quotes may hold line breaks.
function tabbed(text) {
  const lines = [[]];
  for (const [, quoted, plain, end] of text.replace(/\r\n?/g, "\n").replace(/\n$/, "").matchAll(/(?:"((?:[^"]|"")*)"|([^\t\n]*))(\t|\n|$)/g)) {
    lines.at(-1).push(quoted !== undefined ? quoted.replaceAll('""', '"') : plain);
    if (end === "\n") lines.push([]);
    else if (end === "") break;
  }
  return lines;
}

function compaction(form) {
  const line = form.querySelector("[data-sum]");
  form.addEventListener("input", draw);
  draw();
  function draw() {
    let left = 0;
    for (const field of form.querySelectorAll("input[data-given]")) {
      const join = field.closest(".row").querySelector("[type=checkbox]").checked;
      field.hidden = join;
      if (!join) left += Math.max(0, number(field.value) - Number(field.dataset.given));
    }
    line.textContent = fill(form.dataset.words, {left: written(left), ahead: written(Number(form.dataset.ahead))});
  }
}

function number(text) { return Number(text.replace(",", ".")) || 0; }
function written(hours) { return String(Math.round(hours * 10) / 10).replace(".", ","); }
function same(one, other) { return one.toLowerCase() === other.toLowerCase(); }
function fill(text, values) { return Object.entries(values).reduce((whole, [name, value]) => whole.replace(`{${name}}`, value), text); }
