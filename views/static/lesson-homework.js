// Homework while it is typed: texts to begin with by one tap, the load of the chosen day, photos scaled down on the phone.

const LONGEST = 1600, QUALITY = 0.8, SMALL = 300 * 1024;

export function enhanceHomework() {
  const form = document.getElementById("f-homework");
  form.querySelectorAll(".texts a").forEach((link) => link.addEventListener("click", (event) => begin(event, form, link)));
  form.querySelectorAll("input[type=file]").forEach((input) => input.addEventListener("change", () => shrink(input)));
  form.elements.due.addEventListener("change", () => weigh(form));
  form.elements.minutes.addEventListener("input", () => weigh(form));
  weigh(form);
}

function begin(event, form, link) {
  event.preventDefault();
  form.elements.text.value = link.querySelector(".text").textContent;
  form.elements.text.dispatchEvent(new Event("input", {bubbles: true}));
  form.elements.text.focus();
}

// Of the days to choose from only the chosen one is shown, with what it comes to.
function weigh(form) {
  const {limit, total, much} = form.querySelector("#loads").dataset, own = Number(form.elements.minutes.value) || 0;
  for (const load of form.querySelectorAll("[data-day]")) {
    const sum = Number(load.dataset.minutes) + own, over = Boolean(limit) && sum > Number(limit);
    load.hidden = load.dataset.day !== form.elements.due.value;
    load.classList.toggle("late", over);
    load.querySelector(".sum").textContent = own ? (over ? much : total).replace("{n}", sum).replace("{limit}", limit) : "";
  }
}

// ---- photos ----

async function shrink(input) {
  const files = await Promise.all([...input.files].map(smaller)), kept = new DataTransfer(), told = input.parentElement.querySelector("output");
  const changed = files.filter((file, number) => file !== input.files[number]);
  if (!changed.length) { told.textContent = ""; return; }
  files.forEach((file) => kept.items.add(file));
  input.files = kept.files;
  told.textContent = changed.map((file) => input.dataset.smaller.replace("{n}", Math.round(file.size / 1024))).join(", ");
}

// A photo as a JPEG of at most 1600 points a side, without what the camera wrote into it; anything else as it is.
async function smaller(file) {
  if (!/^image\/(jpeg|png|webp|heic|heif)$/.test(file.type) || file.size < SMALL) return file;
  try {
    const picture = await createImageBitmap(file, {imageOrientation: "from-image"}), part = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * part);
    canvas.height = Math.round(picture.height * part);
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", {type: "image/jpeg"}) : file;
  } catch { return file; }
}
