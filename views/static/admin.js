// Administrative screens: looking records up while typing, choosing all lines of a page, the summary of what is wrong.

const PAUSE = 180;

for (const box of document.querySelectorAll("[data-lookup]")) lookup(box);
for (const all of document.querySelectorAll("[data-all]")) chooseAll(all);
for (const form of document.querySelectorAll("[data-fold]")) if (matchMedia("(max-width: 48rem)").matches) fold(form);
document.getElementById("errors")?.focus();

// On a telephone the filters of a table leave its first screen to its rows.
function fold(form) {
  const fields = [...form.querySelectorAll(".field:not(.grow)")], box = document.createElement("details"), title = document.createElement("summary");
  if (fields.length < 2) return;
  title.textContent = form.dataset.fold;
  box.open = "active" in form.dataset;
  fields[0].before(box);
  box.append(title, ...fields);
}

function chooseAll(all) {
  const boxes = [...document.querySelectorAll(`input[name="${all.dataset.all}"]`)];
  const told = document.querySelector("[data-chosen]");
  const count = () => { if (told) told.textContent = String(boxes.filter((box) => box.checked).length); };
  all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); count(); });
  boxes.forEach((box) => box.addEventListener("change", count));
}

// A combobox by the ARIA pattern: arrows walk the list, Enter takes, Escape closes.
function lookup(box) {
  const key = box.querySelector("input[type=hidden]");
  const field = box.querySelector("input:not([type=hidden])");
  const list = document.createElement("ul");
  let waiting = 0, asked = 0;
  list.className = "dropdown-menu";
  list.id = `${field.id}-list`;
  list.setAttribute("role", "listbox");
  box.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-controls", list.id], ["aria-expanded", "false"], ["aria-autocomplete", "list"]])
    field.setAttribute(name, value);

  // What was offered for the text before is gone at once: nobody chooses from a list that is about to change.
  field.addEventListener("input", () => { key.value = ""; asked++; close(); clearTimeout(waiting); waiting = setTimeout(ask, PAUSE); });
  field.addEventListener("focus", () => { if (!field.value) ask(); });
  field.addEventListener("blur", () => setTimeout(close, 150));
  field.addEventListener("keydown", (event) => {
    const steps = {ArrowDown: 1, ArrowUp: -1};
    if (event.key in steps) { event.preventDefault(); list.children.length ? walk(steps[event.key]) : ask(); }
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && current()) { event.preventDefault(); take(current()); }
  });

  async function ask() {
    const turn = ++asked;
    const answer = await fetch(`${box.dataset.lookup}&query=${encodeURIComponent(field.value)}`).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    show(await answer.json());
  }

  function show(rows) {
    list.replaceChildren(...rows.map(([id, name, apart], place) => {
      const option = document.createElement("li");
      option.className = "dropdown-item";
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.dataset.id = id;
      option.dataset.name = name;
      option.textContent = apart ? `${name} · ${apart}` : name;
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(option); });
      return option;
    }));
    list.classList.toggle("show", rows.length > 0);
    field.setAttribute("aria-expanded", String(rows.length > 0));
    field.removeAttribute("aria-activedescendant");
  }

  const current = () => list.querySelector("[aria-selected=true]");

  function walk(step) {
    const options = [...list.children], at = options.indexOf(current());
    const next = options[(at + step + options.length) % options.length];
    current()?.removeAttribute("aria-selected");
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({block: "nearest"});
    field.setAttribute("aria-activedescendant", next.id);
  }

  function take(option) {
    key.value = option.dataset.id;
    field.value = option.dataset.name;
    close();
  }

  function close() { show([]); }
}
