// To and from Excel and LibreOffice: tab-separated text. What does not fit is shown first, and nothing is put before it is agreed to.

import {cellIn, dayOf, headOf, heads, hidden, lines, nameOf, RESULT, valueOf, writable} from "./grid-table.js";
import {h, say, words} from "./grid-pop.js";
import {spelt} from "./grid-rules.js";
import * as selection from "./grid-select.js";

const SHOWN = 60;

// ---- out ----

// The chosen cells as text, and as a table whose cells are text: a «5/4» is no date.
export function copy(event) {
  const [top, left, bottom, right] = selection.box(), columns = visible().filter((column) => column >= left && column <= right);
  const rows = [...lines].slice(top, bottom + 1).map((line) => columns.map((column) => textOf(line.cells[column + 1])));
  event.clipboardData.setData("text/plain", rows.map((row) => row.join("\t")).join("\n"));
  event.clipboardData.setData("text/html", `<table>${rows.map((row) => `<tr>${row.map((value) => `<td style="mso-number-format:'\\@'" sdnum="1033;0;@">${value}</td>`).join("")}</tr>`).join("")}</table>`);
  event.preventDefault();
}

function textOf(cell) { return cell?.dataset.pupil ? valueOf(cell) : cell?.textContent || ""; }

// ---- in ----

// Puts the text from the active cell on, or in every cell of the range when it is one value; `put(changes)` writes them.
export function paste(text, put) {
  const rows = rowsOf(text);
  if (!rows.length) return;
  const plan = targets(rows), fit = plan.filter((each) => !each.why), misfits = plan.filter((each) => each.why);
  const write = () => put(fit.map(({cell, value}) => [cell, value]));
  if (misfits.length) preview(fit.length, misfits, write); else write();
}

// Rows of values; a value in quotes may hold tabs, line ends and doubled quotes.
function rowsOf(text) {
  const rows = [[]], pattern = /("(?:[^"]|"")*"|[^\t\r\n]*)(\t|\r\n|\n|\r|$)/y;
  for (const whole = text.replace(/(\r\n|\n|\r)$/, ""); pattern.lastIndex <= whole.length;) {
    const found = pattern.exec(whole);
    if (!found) return [];
    const value = found[1].startsWith('"') && found[1].length > 1 ? found[1].slice(1, -1).replace(/""/g, '"') : found[1];
    rows[rows.length - 1].push(plain(value));
    if (!found[2]) break;
    if (found[2] !== "\t") rows.push([]);
  }
  return rows;
}

function plain(value) { return value.replace(/[\s\u00a0]+/g, " ").trim().toLowerCase(); }

function targets(rows) {
  if (rows.length === 1 && rows[0].length === 1 && selection.isRange()) return selection.cells().map((cell) => judged(cell, rows[0][0]));
  const [top, left] = selection.box(), shown = visible().filter((column) => column >= left), plan = [];
  rows.forEach((row, down) => row.forEach((value, right) => {
    const cell = right < shown.length ? cellIn(top + down, shown[right]) : null;
    if (cell) plan.push(judged(cell, value));
    else if (value) plan.push({value, why: shown[right] >= heads.length ? words.counted : words.outside, where: outside(top + down, shown[right])});
  }));
  return plan;
}

function visible() { return [...Array(RESULT + 1).keys()].filter((column) => !hidden.has(column)); }

function outside(row, column) {
  const name = lines[row]?.cells[0].lastChild.textContent || say(words.rowBelow, {n: row - lines.length + 1});
  const cell = column === undefined ? null : [...lines].map((_, each) => cellIn(each, column)).find(Boolean);
  return [name, cell ? dayOf(cell) : "—"];
}

function judged(cell, value) {
  const read = spelt(value, Boolean(cell.dataset.period));
  return {cell, value: read ?? value, why: hindrance(cell, read), where: [nameOf(cell), dayOf(cell)]};
}

function hindrance(cell, value) {
  if (!writable(cell)) return words.readonly;
  if (value !== null && value === valueOf(cell)) return "";
  if (headOf(cell)?.dataset.zone === "closed") return words.zoneClosed;
  if (headOf(cell)?.dataset.zone === "read") return words.readonly;
  if (headOf(cell)?.dataset.zone === "ahead") return words.zoneAhead;
  return value === null ? words.unknown : "";
}

function preview(fit, misfits, write) {
  const rows = misfits.slice(0, SHOWN).map(({where, value, why}) => h("tr", {}, h("td", {}, where[0]), h("td", {}, where[1]), h("td", {}, h("b", {}, value || words.empty)), h("td", {}, why)));
  const shut = () => { box.close(); };
  const box = h("dialog", {class: "dialog broad flow", "aria-labelledby": "paste-title"}, h("h2", {id: "paste-title"}, words.paste),
    h("p", {}, say(words.fits, {n: fit, m: misfits.length})),
    h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": words.misfits}, h("table", {class: "table"},
      h("thead", {}, h("tr", {}, ...words.misfitHead.map((each) => h("th", {scope: "col"}, each)))), h("tbody", {}, ...rows))),
    misfits.length > SHOWN ? h("p", {class: "hint"}, say(words.andMore, {n: misfits.length - SHOWN})) : null,
    h("p", {class: "hint"}, words.nothingYet),
    h("div", {class: "line"}, fit ? h("button", {type: "button", class: "btn primary", autofocus: true, click: () => { shut(); write(); }}, say(words.putRest, {n: fit})) : null,
      h("button", {type: "button", class: "btn", click: shut}, words.putNothing)));
  box.addEventListener("close", () => { box.remove(); selection.active.focus({preventScroll: true}); });
  document.body.append(box);
  box.showModal();
}

