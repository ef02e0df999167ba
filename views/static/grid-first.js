// Runs between the head and the body of the journal's table, before its rows are read: rows become boxes of their own (grid.css, 3), so
// the browser lays the sheet out once. `layJournal(hidden)` does it again when columns are hidden.
(() => {
  const table = document.getElementById("journal"), heads = [...table.tHead.rows[2].cells], SCROLLBAR = 17;
  let last = new Set();

  window.layJournal = (hidden) => {
    const shown = heads.filter((_, column) => !hidden.has(column));
    last = hidden;
    table.classList.add("boxes");
    table.style.setProperty("--n", shown.length);
    widen(shown.length);
    for (const head of table.tHead.querySelectorAll("[colspan]")) head.style.gridColumn = `span ${head.colSpan}`;
    table.style.setProperty("--locks", `linear-gradient(90deg, ${stops(shown).join(", ")}), repeating-linear-gradient(135deg, var(--hatch) 0 3px, transparent 3px 7px)`);
  };

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

  window.layJournal(last);
  addEventListener("resize", () => window.layJournal(last));
})();
