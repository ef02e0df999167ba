// The cells of one journal and the queue: what the grid puts goes into it, what comes back is told to the grid.

import * as queue from "./queue.js";

export class Sender {
  // `told` hears: answer(place, answer, cell sent) · wait(places) · sent(); and says whether the sheet shows(place)
  constructor(course, told) {
    this.url = `/journal/${course}/cells`;
    this.told = told;
    this.course = course;
    queue.listen({answer: (item, answer) => { if (item.url === this.url) told.answer(this.local(item.place), answer, item.cell); },
      shows: (item) => item.url === this.url && told.shows(this.local(item.place)), changed: (state) => this.changed(state)});
  }

  get flying() { return this.places().length > 0; }

  has(place) { return queue.waits(this.global(place)); }

  // `what` says pupil, day and value; on other pages the journal belongs to it.
  put(place, {seen, ...cell}, what) {
    queue.put({url: this.url, place: this.global(place), seen, cell, what: `${document.querySelector("h1").textContent.trim()}, ${what}`});
  }

  // What waited, or was not saved, when the page was left: [place, cell, answer or null].
  async restore() {
    await queue.ready;
    return queue.items(this.url).map((item) => [this.local(item.place), item.cell, item.answer || null]);
  }

  // What is put from now on follows what waits: «clear, then write».
  flush() { queue.seal(); }

  // What was not saved in this place is given up.
  settle(place) {
    const item = queue.items(this.url).find((each) => each.place === this.global(place) && each.state !== "waiting");
    return item && queue.dismiss(item.id);
  }

  changed({why}) {
    const places = this.places();
    if (why && places.length) this.told.wait(places, why);
    else if (this.stood && !places.length) this.told.sent();
    this.stood = places.length > 0;
  }

  places() { return queue.items(this.url).filter((item) => item.state === "waiting").map((item) => this.local(item.place)); }

  global(place) { return `${this.course}:${place}`; }

  local(place) { return place.slice(place.indexOf(":") + 1); }
}
