// The table of a plan by keyboard, paste from Excel, order of rows, and a draft kept in this browser until the plan is kept.
// Without it the same form works: a cleared row is taken out, the blank rows at the end take new topics.

const FIELDS = ["section", "topic", "hours", "kind", "homework"];

if (!document.querySelector("form[data-plan=new]")) localStorage.removeItem(sessionStorage.getItem("plan:sent"));  // the new plan is kept
for (const form of document.querySelectorAll("form[data-plan]")) table(form);
for (const form of document.querySelectorAll("form[data-compact]")) compaction(form);

function table(form) {
  const body = form.querySelector(".plan tbody"), status = form.querySelector(".plan-status"), tools = form.querySelector(".plan-tools");
  const words = JSON.parse(status.dataset.words), key = `plan:${form.dataset.plan}:${form.elements.known?.value ?? ""}`;
  const pattern = blankOf(body.lastElementChild), gone = [];
  let current = body.firstElementChild, dirty = false;

  tools.hidden = false;
  tools.addEventListener("click", (event) => { const what = event.target.closest("[data-do]")?.dataset.do; if (what) act[what](current); });
  body.addEventListener("focusin", (event) => { current = event.target.closest("tr"); });
  body.addEventListener("input", (event) => { fit(event.target); changed(); });
  body.addEventListener("keydown", pressed);
  body.addEventListener("paste", pasted);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => { dirty = false; if (form.dataset.plan === "new") sessionStorage.setItem("plan:sent", key); });
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
    if (form.dataset.plan) try { localStorage.setItem(key, JSON.stringify({at: new Date().toLocaleString(), rows: taken()})); } catch { /* a full or closed store: the page still warns on leaving */ }
  }

  function taken() {
    return [...body.rows].map((row) => ["id", ...FIELDS].map((name) => row.querySelector(`[name=${name}]`).value));
  }

  function restore() {
    const kept = form.dataset.plan && localStorage.getItem(key);
    for (const old of Object.keys(localStorage)) if (old.startsWith(`plan:${form.dataset.plan}:`) && old !== key) localStorage.removeItem(old);
    if (document.querySelector("[role=alert]") || !kept) return;
    const {at, rows} = JSON.parse(kept);
    if (JSON.stringify(rows) === JSON.stringify(taken())) return;
    while (body.rows.length < rows.length) body.append(pattern.cloneNode(true));
    while (body.rows.length > rows.length) body.lastElementChild.remove();
    for (const [index, values] of rows.entries())
      for (const [spot, name] of ["id", ...FIELDS].entries()) { const field = body.rows[index].querySelector(`[name=${name}]`); field.value = values[spot]; fit(field); }
    renumber();
    say("draft", {when: at});
    dirty = true;
  }
}

function blankOf(row) {
  const blank = row.cloneNode(true);
  blank.classList.remove("on");
  for (const extra of blank.querySelectorAll(".note, .hint, .err, th .tag")) extra.remove();
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
