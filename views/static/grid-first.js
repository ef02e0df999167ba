// Runs between the head and the body of the journal's table, before its rows are read: rows become boxes of their own (grid.css, 3), so
// the browser lays the sheet out once. `layJournal(hidden)` does it again when columns are hidden.
(() => {
  const table = document.getElementById("journal"), heads = [...table.tHead.rows[2].cells];

  window.layJournal = (hidden) => {
    const shown = heads.filter((_, column) => !hidden.has(column));
    table.classList.add("boxes");
    table.style.setProperty("--n", shown.length);
    for (const head of table.tHead.querySelectorAll("[colspan]")) head.style.gridColumn = `span ${head.colSpan}`;
    table.style.setProperty("--locks", `linear-gradient(90deg, ${stops(shown).join(", ")}), repeating-linear-gradient(135deg, var(--hatch) 0 3px, transparent 3px 7px)`);
  };

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

  window.layJournal(new Set());
})();
