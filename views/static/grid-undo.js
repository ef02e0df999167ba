// My own last changes. A change is a list of steps {cell, before, after, was, now}: texts and the versions that stood before and
// after. Taken back it is sent like anything typed, with the version I left as the one seen: what another changed since is a conflict.

const done = [], undone = [];

export function remember(steps) {
  if (!steps.length) return;
  done.push(steps);
  undone.length = 0;
}

// The journal answered: the version of the value it now holds.
export function learned(cell, value, version) {
  for (const step of [...done, ...undone].flat()) {
    if (step.cell !== cell) continue;
    if (step.after === value) step.now = version;
    if (step.before === value) step.was = version;
  }
}

// The last change of this cell was not taken and is given up: there is nothing to take back.
export function forget(cell) {
  for (let number = done.length - 1; number >= 0; number -= 1) {
    const place = done[number].findIndex((step) => step.cell === cell);
    if (place < 0) continue;
    done[number].splice(place, 1);
    if (!done[number].length) done.splice(number, 1);
    return;
  }
}

// The cells to write, [cell, value, {seen}], or null when there is nothing more.
export function undo() { return turn(done, undone, (step) => [step.cell, step.before, {seen: step.now, ...step.way}]); }

export function redo() { return turn(undone, done, (step) => [step.cell, step.after, {seen: step.was, ...step.way}]); }

function turn(from, to, change) {
  const steps = from.pop();
  if (!steps) return null;
  to.push(steps);
  return steps.map(change);
}
