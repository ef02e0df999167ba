// The page without a connection lists what this browser keeps of the account that is signed in.

const box = document.getElementById("kept");

for (const name of await caches.keys()) {
  if (!name.startsWith("pages-")) continue;
  const cache = await caches.open(name);
  for (const request of (await cache.keys()).reverse()) {
    const page = new DOMParser().parseFromString(await (await cache.match(request)).text(), "text/html"), link = document.createElement("a");
    link.className = "row";
    link.href = request.url;
    link.textContent = page.title.split(" · ").slice(0, -1).join(" · ");
    box.append(link);
    box.hidden = false;
  }
}
