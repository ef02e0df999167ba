// Runs at the head of the journal's table, before its rows are read: rows become boxes of their own (grid.css, 3), and the browser lays the
// sheet out once, when all of it is there, not with each piece that comes. Of a large sheet it first lays out what may be in sight, the rest
// row by row once the page is ready for keys. `journalRows.show()` shows the sheet, `lay(hidden)` lays it out again when columns are hidden,
// `need(cell)` does not wait for the rest.
(() => {
  const table = document.getElementById("journal"), SCROLLBAR = 17, LEAST = 30, ROW = 24, AROUND = 300, MANY = 80, SLOW = 40, PATIENCE = 600, PAUSE = 500;
  const idle = window.requestIdleCallback || ((act) => setTimeout(act, 50));
  let heads = [], last = new Set(), near = null, whole = 0, typed = -Infinity;

  window.journalRows = {
    show() {
      if (heads.length || !table.tBodies.length) return;
      heads = [...table.tHead.rows[2].cells];
      near = inSight();
      lay(last);
      table.classList.remove("reading");
      if (near) [...table.tBodies[0].rows].slice(0, near.rows).forEach((row) => letFocus(row, near.from, near.to)); else finish();
    },
    lay(hidden) {
      finish();
      lay(hidden);
    },
    need(cell) {
      const column = cell.cellIndex - 1, row = cell.parentElement.sectionRowIndex;
      if (near && row >= whole && (column < near.from || column > near.to || row >= near.rows)) finish();
    },
    finish,
  };

  function lay(hidden) {
    const shown = heads.filter((_, column) => !hidden.has(column));
    last = hidden;
    table.style.setProperty("--n", shown.length);
    widen(shown.length);
    for (const head of table.tHead.querySelectorAll("[colspan]")) head.style.gridColumn = `span ${head.colSpan}`;
    table.style.setProperty("--locks", `linear-gradient(90deg, ${stops(shown).join(", ")}), repeating-linear-gradient(135deg, var(--hatch) 0 3px, transparent 3px 7px)`);
  }

  // Columns of whole points, so that the lines between them can be one picture behind all cells; names take what is left over.
  function widen(columns) {
    for (const name of ["--c", "--nm"]) table.style.removeProperty(name);
    if (table.classList.contains("few")) return;
    const style = getComputedStyle(table), [least, names, sum] = ["--c", "--nm", "--sum"].map((name) => parseFloat(style.getPropertyValue(name)));
    const width = Math.floor((table.parentElement.clientWidth - SCROLLBAR - names - 4 * sum) / columns);
    if (width < least) return;
    table.style.setProperty("--c", `${width}px`);
    table.style.setProperty("--nm", `calc(100% - ${columns * width + 4 * sum}px)`);
  }

  // Closed columns let the hatching through, those with a reason are tinted, the rest is paper.
  function stops(shown) {
    const edge = (place) => `calc(var(--nm) + (100% - var(--nm) - 4 * var(--sum)) * ${place} / ${shown.length})`, parts = [];
    let from = "0px", colour = "var(--paper)";
    shown.forEach((head, place) => {
      const next = {closed: "transparent", read: "transparent", reason: "var(--late-soft)"}[head.dataset.zone] || "var(--paper)";
      if (next === colour) return;
      parts.push(`${colour} ${from} ${edge(place)}`);
      from = edge(place);
      colour = next;
    });
    return [...parts, `${colour} ${from} ${edge(shown.length)}`, `var(--paper) ${edge(shown.length)} 100%`];
  }

  // The first and the last column and the number of rows that may be in sight at the start, where today's column stands at the right
  // (grid-select); null: all are laid out.
  function inSight() {
    const wide = Math.ceil(innerWidth / LEAST), today = heads.filter((head) => head.dataset.date <= table.dataset.today).length;
    const from = Math.max(0, today - wide), to = Math.max(wide, today + 4), rows = Math.max(10, Math.ceil((innerHeight - AROUND) / ROW));
    if (heads.length < Math.max(MANY, 2 * wide) || !window.CSSStyleSheet?.prototype.replaceSync) return null;
    const row = "#journal.boxes tbody tr:not(.whole)", lesson = "td:not(.edge, .calc, .pm)", sheet = new CSSStyleSheet();
    sheet.replaceSync(`@media screen { ${row} > ${lesson} { flex: none; width: var(--c); } ${row} > .edge { margin-left: auto; }
      ${row} > ${lesson}:nth-child(${from + 2}) { margin-left: calc(${from} * var(--c)); }
      ${row} > ${lesson}:is(:nth-child(-n + ${from + 1}), :nth-child(n + ${to + 3})) { display: none; }
      ${row}:nth-child(n + ${rows + 1}) { content-visibility: hidden; } }`);
    document.adoptedStyleSheets = [sheet];
    return {from, to, rows};
  }

  // Some rows whenever the browser has nothing else to do and nobody types, twice as many the next time if that was quick.
  function goOn(many = 1) {
    if (performance.now() - typed < PAUSE) { setTimeout(() => goOn(many), PAUSE); return; }
    const began = performance.now(), again = () => goOn(performance.now() - began < SLOW ? 2 * many : 1);
    finish(whole + many);
    if (whole < table.tBodies[0].rows.length) requestAnimationFrame(() => setTimeout(() => idle(again)));
  }

  // All columns of the rows before this one are shown, and their cells can take the focus.
  function finish(until = Infinity) {
    for (const rows = table.tBodies[0].rows; whole < Math.min(until, rows.length); whole += 1) {
      rows[whole].classList.add("whole");
      letFocus(rows[whole], 0, Infinity);
    }
  }

  function letFocus(row, from, to) {
    for (const cell of [...row.cells].slice(from + 1, to + 2)) if (cell.dataset.pupil && !cell.hasAttribute("tabindex")) cell.tabIndex = -1;
  }

  table.classList.add("boxes", "reading");
  document.addEventListener("readystatechange", () => setTimeout(window.journalRows.show, PATIENCE));  // grid.js may be long in coming
  addEventListener("keydown", () => { typed = performance.now(); }, true);
  addEventListener("resize", () => { if (heads.length) window.journalRows.lay(last); });
  addEventListener("load", () => idle(() => goOn()));
})();
