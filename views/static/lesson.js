// The lesson page made quicker: one tap for an absentee, large keys under a mark. Without it the same forms work by themselves.

const form = document.getElementById("f-attendance"), count = document.getElementById("count");
const KEYS = ["5", "4", "3", "2", "."];

if (form) attendance();
document.getElementById("f-marks")?.addEventListener("focusin", (event) => { if (event.target.matches(".mark")) keysUnder(event.target); });
document.querySelector(".note.bad[role=alert]")?.scrollIntoView({block: "center"});

// ---- attendance: a row is a button; once pressed, the codes stand in its place ----

function attendance() {
  const hint = form.querySelector("[data-hint]");
  hint.textContent = hint.dataset.hint;
  for (const row of form.querySelectorAll("[data-pupil]")) enhance(row);
  counted();
}

function enhance(row) {
  const select = row.querySelector("select"), label = row.querySelector("label");
  const button = document.createElement("button"), codes = document.createElement("span");
  button.type = "button";
  button.className = "tap";
  button.append(...label.cloneNode(true).childNodes);
  codes.className = "seg";
  codes.setAttribute("role", "group");
  codes.setAttribute("aria-label", label.textContent.trim());
  for (const option of select.options) if (option.value) codes.append(code(option.value, select, row));
  button.addEventListener("click", () => { choose(select, row, select.value ? "" : "н"); });
  select.hidden = true;
  label.hidden = true;
  label.after(button);
  const here = document.createElement("span");
  here.className = "tag here";
  here.textContent = select.options[0].textContent;
  row.append(codes, here);
  draw(row);
}

function code(value, select, row) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = value;
  button.addEventListener("click", () => choose(select, row, select.value === value ? "" : value));
  return button;
}

function choose(select, row, value) {
  select.value = value;
  draw(row);
  counted();
}

function draw(row) {
  const value = row.querySelector("select").value;
  row.querySelector(".tap").setAttribute("aria-pressed", String(Boolean(value)));
  row.querySelector(".seg").hidden = !value;
  row.querySelector(".here").hidden = Boolean(value);
  for (const button of row.querySelectorAll(".seg button")) button.setAttribute("aria-pressed", String(button.textContent === value));
}

function counted() {
  const all = [...form.querySelectorAll("select")], away = all.filter((select) => select.value && select.value !== "о").length;
  count.textContent = count.dataset.text.replace("{away}", away).replace("{here}", all.length - away);
}

// ---- marks: keys as large as a thumb under the field that is being filled ----

function keysUnder(field) {
  document.querySelector(".pick")?.remove();
  const keys = document.createElement("div");
  keys.className = "pad pick";
  keys.setAttribute("role", "group");
  keys.setAttribute("aria-label", field.getAttribute("aria-label"));
  for (const value of [...KEYS, "/", "×"]) keys.append(key(value, field));
  field.closest(".pupil").after(keys);
}

function key(value, field) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = value;
  button.addEventListener("click", () => {
    if (value === "×") field.value = "";
    else if (value === "/" || field.value.endsWith("/")) field.value += value;
    else field.value = value;
  });
  return button;
}
