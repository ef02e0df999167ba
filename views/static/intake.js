// While files are read the page asks how far it has come, and opens the preview when it is there.

const box = document.getElementById("wait");
const bar = box.querySelector("progress"), name = document.getElementById("wait-name");

setInterval(ask, 1000);

async function ask() {
  const answer = await fetch(box.dataset.progress, {headers: {Accept: "application/json"}});
  if (!answer.ok) return location.reload();
  const state = await answer.json();
  if (state.stage !== "reading" && state.stage !== "writing") return location.reload();
  if (state.of) { bar.max = state.of; bar.value = state.done; }
  if (state.name) name.textContent = state.name;
}
