// What may stand in a cell of this journal and what it means: the scale of marks and the attendance codes the school has, from the page.
// The journal judges by itself; this only reads what was typed or pasted, and counts.

import {RESULTS, table} from "./grid-table.js";

// {name, key, missed, explained, active} by code; {code, marks, worth, ladder, steps, averaged}: see marking.py.
const CODES = JSON.parse(table.dataset.codes), SCALE = JSON.parse(table.dataset.scale);
const BOARD = Object.fromEntries([..."йцукенгшщзхъфывапролджэячсмитьбю"].map((letter, place) => [letter, [..."QWERTYUIOP[]ASDFGHJKL;'ZXCVBNM,."][place]]));
const NAMED = {"[": "BracketLeft", "]": "BracketRight", ";": "Semicolon", "'": "Quote", ",": "Comma", ".": "Period"};
const active = Object.keys(CODES).filter((code) => CODES[code].active);

// The same keys of the board on both layouts: {"KeyY": "н", …}.
const LETTERS = Object.fromEntries(active.filter((code) => BOARD[CODES[code].key]).map((code) => [NAMED[BOARD[CODES[code].key]] || `Key${BOARD[CODES[code].key]}`, code]));
// What the key of a board stands for on the Russian and on the Latin layout.
const BOARDS = [Object.fromEntries(Object.entries(BOARD).map(([letter, key]) => [NAMED[key] || `Key${key}`, letter])),
  Object.fromEntries([..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((key) => [`Key${key}`, key]))];
export const PADS = [...SCALE.marks, ".", ...active.filter((code) => CODES[code].key)];

// The same for the map of keys: what stands there for the usual marks and signs.
const GRADES = SCALE.marks.filter((mark) => mark.length < 3);  // «passed» has a key of its own
export const OWN = {"2–5": GRADES.length > 3 ? `${GRADES[GRADES.length - 1]}–${GRADES[0]}` : SCALE.marks.join(" "), "н б у о": Object.values(LETTERS).join(" ")};

// Latin letters that were typed for Russian ones, and what other programs write.
const LOOKS_LIKE = {"ё": "е", a: "а", c: "с", e: "е", o: "о", h: "н", k: "к", p: "р", t: "т", y: "у", x: "х", m: "м", b: "в"};
const SPELT = {"уп": "у", "п/у": "у", "оп": "о", "зч": "зач", "нз": "незач", "в": "б"};
const LETTER_MARKS = {"а": "A", "в": "B", "с": "C", d: "D", "д": "D"};
const meant = {...SPELT, ...Object.fromEntries(["зач", "незач", ".", ...Object.keys(CODES), ...Array.from({length: 10}, (_, place) => String(place + 1))].map((word) => [word, word])),
  ...(SCALE.code === "letters" ? LETTER_MARKS : {})};
const SCHOOLS = SCALE.code.startsWith("own") ? Object.fromEntries(SCALE.marks.map((mark) => [folded(mark), mark])) : {};  // of the school's own scale
Object.assign(meant, SCHOOLS);
const TOKEN = new RegExp(`^(${Object.keys(meant).sort((a, b) => b.length - a.length).map((word) => word.replace(/[./+]/g, "\\$&")).join("|")})[\\s/,→]*`);

// Could a mark of the school's own scale begin so? Such words go before attendance codes: «о» of «отл» is told from «о» by what follows.
function grows(text) { return Object.keys(SCHOOLS).some((mark) => text && mark.startsWith(folded(text))); }

// The same letter by letter: the key Y of the Latin layout stands for «н», though it looks like «у».
function begins(text) { return Object.values(SCHOOLS).some((mark) => mark.toLowerCase().startsWith(text.toLowerCase())); }

function folded(text) { return text.toLowerCase().replace(/[a-zё]/g, (each) => LOOKS_LIKE[each] || each); }

function last(text) { return text.split(/[\s/]/).pop(); }

// What is typed by this key press, or null. `draft` is what is being typed already.
export function letter(event, draft) {
  const ours = [event.key, ...BOARDS.map((board) => board[event.code])].find((key) => key?.length === 1 && [last(draft || ""), codeIn(draft || ""), ""].some((word) => begins(word + key)));
  if (ours) return ours;
  if (/^[0-9./]$/.test(event.key)) return event.key;
  const small = event.key.toLowerCase(), mark = SCALE.code === "letters" && LETTER_MARKS[LOOKS_LIKE[small] || small];
  if (mark) return mark;
  if (draft && /^[а-яё]$/i.test(event.key) && !(event.code in LETTERS && /^[\d/.]*$/.test(draft))) return event.key.toLowerCase();
  if (event.code === "KeyP") return event.shiftKey ? "незач" : "зач";
  return LETTERS[event.code] || null;
}

// What the cell becomes when this is typed: a digit starts anew, a second one is a second mark, a code of one who was there («о») and marks live together.
export function joined(typed, before, standing) {
  const there = CODES[typed] && !CODES[typed].missed;
  const ours = schoolsOwn(typed, before, standing);
  if (ours) return ours;
  if (before !== null) {
    if (typed === "0") return /(^|[^\d])1$/.test(before) ? `${before}0` : before;
    return /^[\dA-D]$/.test(typed) && /[\dA-D]$/.test(before) ? `${before}/${typed}` : before + typed;
  }
  const marks = /^[\dA-D/.]+$/.test(standing) || Boolean(standing) && standing.split("/").every((mark) => SCHOOLS[folded(mark)]), code = codeIn(standing);
  if (typed === "0") return "";
  if (typed === "/") return marks ? `${standing}/` : "";
  if (there && marks) return `${typed} ${standing}`;
  if (/^[\dA-D.]$/.test(typed) && code && !CODES[code].missed) return `${code} ${typed}`;
  return typed;
}

// The same on a scale of the school's own, or null: a letter goes on with the word; after a whole mark it begins a second one.
function schoolsOwn(typed, before, standing) {
  const code = codeIn(before ?? standing), late = code && !CODES[code].missed, marks = standing && standing.split("/").every((mark) => SCHOOLS[folded(mark)]);
  if (before === null) return !grows(typed) ? null : late ? `${code} ${typed}` : CODES[typed] && !CODES[typed].missed && marks ? `${typed} ${standing}` : typed;
  if (grows(last(before) + typed)) return before + typed;
  if (late && grows(code + typed)) return code + typed;
  return SCHOOLS[folded(last(before))] && grows(typed) ? `${before}/${typed}` : null;
}

// What the journal would read of a pasted text; null when it would not.
export function spelt(value, isResult) {
  if (isResult) return !value || RESULTS.includes(value) ? value : null;
  let rest = folded(value);
  if (/^\d+[.,]0+$/.test(rest)) rest = rest.split(/[.,]/)[0];
  const read = rest, words = [];
  while (rest) {
    const [whole, token] = rest.match(TOKEN) || [];
    if (!token) return null;
    words.push(meant[token]);
    rest = rest.slice(whole.length);
  }
  const codes = words.filter((word) => CODES[word]), marks = words.filter((word) => !CODES[word] && word !== ".");
  return codes.length > 1 || marks.length > 2 || marks.some((each) => !SCALE.marks.includes(each)) || codes.some((each) => !CODES[each].active) ? null : read;
}

// ---- what it counts for ----

export function codeIn(value) { return value.split(/[\s→]/).find((word) => CODES[word]) || ""; }

export function missed(value) { return Boolean(CODES[codeIn(value)]?.missed); }

export function explained(value) { return Boolean(CODES[codeIn(value)]?.explained); }

// Numbers that go into an average.
export function worthIn(value) { return value.split(/[\s/→]+/).map((word) => SCHOOLS[folded(word)] || word).filter((word) => word in SCALE.worth).map((word) => SCALE.worth[word]); }

// The mark an average of total/weight earns.
export function earned(total, weight) {
  if (!weight || !SCALE.ladder.length) return "";
  const place = SCALE.steps.findIndex((step) => 100 * total >= step * weight);
  return SCALE.ladder[place < 0 ? SCALE.ladder.length - 1 : place];
}

// How far a result stands from the computed mark: above 0 it is better.
export function departure(result, computed) { return result in SCALE.worth && computed in SCALE.worth ? SCALE.worth[result] - SCALE.worth[computed] : 0; }

export const averaged = SCALE.averaged, steps = SCALE.steps;
