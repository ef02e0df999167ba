// A message that is being written outlives a cut link and a sign-in in between: its words stay in this tab until they are sent.
// textarea[data-draft] names whose they are and to whom; the page after a message was sent has #sent.

const field = document.querySelector("textarea[data-draft]"), LAST = "zhurnal-sending";

const sending = sessionStorage.getItem(LAST);
if (sending && document.querySelector("#sent")) sessionStorage.removeItem(sending);
sessionStorage.removeItem(LAST);
if (field) {
  const place = `zhurnal-message-${field.dataset.draft}`;
  field.value ||= sessionStorage.getItem(place) || "";
  field.addEventListener("input", () => sessionStorage.setItem(place, field.value));
  field.form.addEventListener("submit", () => sessionStorage.setItem(LAST, place));
}
