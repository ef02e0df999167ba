// The form of a rule says what its value means while it is typed; the questions of a deadline write its notation.

const form = document.getElementById("rule-form"), meaning = document.getElementById("meaning");
const notation = (built) => built.querySelector("[aria-describedby]"), select = (built) => built.querySelector("select");
let waiting, asked = 0;

form.addEventListener("input", (event) => {
  const built = event.target.closest("[data-built]");
  if (built && event.target === notation(built)) select(built).value = "written";
  if (built) ask(built);
  clearTimeout(waiting);
  waiting = setTimeout(() => say(built && event.target !== notation(built) ? built : null), 300);
});
form.querySelectorAll("[data-built]").forEach(ask);

// Shows only what the chosen way asks for.
function ask(built) {
  const asks = select(built).selectedOptions[0].dataset.asks;
  built.querySelectorAll("[data-asked]").forEach((input) => { input.hidden = input.dataset.asked !== asks; });
}

async function say(built) {
  const turn = ++asked, fields = new FormData(form);
  fields.delete("csrf_token");
  let answer;
  try { answer = await fetch(`${form.dataset.meaning}?${new URLSearchParams(fields)}`); } catch { return; }
  if (!answer.ok || turn !== asked) return;
  meaning.innerHTML = await answer.text();
  const value = meaning.querySelector("[data-value]");
  if (built && value) notation(built).value = value.dataset.value;
}
