"""Subject names: abbreviations, acronyms and other spellings matched with the list of the school's own subjects."""

import re

from models import N_, Text

from exchange.intake import values
from exchange.intake.school import Subject

SMALL = {"и", "в", "по", "на", "для", "с", "о", "об", "к", "the"}
SURE, CLOSE = 0.6, 0.06


class Subjects:
    """The subjects of a school by any spelling; grows while files are read, the curriculum first."""

    def __init__(self, school):
        self.school, self.found, self.known = school, [], {}

    def add(self, written, place, area=None, part=None):
        """A subject named by a curriculum (or by the first file that names any)."""
        key = spelling(written)
        if key not in self.known:
            subject = Subject(values.text(written), values.text(written), place, area, part, {key})
            self.found.append(subject)
            self.known[key] = subject
        return self.known[key]

    def adopt(self, standing):
        """Subjects the journal has already, when no file names any."""
        for subject in standing:
            self.found.append(subject)
            self.known.update(dict.fromkeys(subject.spellings, subject))

    def match(self, written, among=None):
        """`(subject or None, score, runner-up or None)` for a spelling, among all subjects or a set of them."""
        key = spelling(written)
        if key in self.known and (among is None or self.known[key] in among):
            return self.known[key], 1.0, None
        ranked = sorted(((likeness(key, subject), i) for i, subject in enumerate(self.found)
                         if among is None or subject in among), key=lambda pair: -pair[0])
        if not ranked or ranked[0][0] < SURE:
            return None, ranked[0][0] if ranked else 0, None
        best = self.found[ranked[0][1]]
        close = len(ranked) > 1 and ranked[0][0] - ranked[1][0] < CLOSE
        return best, ranked[0][0], self.found[ranked[1][1]] if close else None

    def find(self, written, place, among=None):
        """The subject of a spelling; an unclear one is asked about, and until the answer comes None is returned and told."""
        subject, score, rival = self.match(written, among)
        if subject is None and among is not None:
            subject, score, rival = self.match(written)
        if subject is not None and rival is None:
            return subject
        return self._asked(written, place, subject)

    def learn(self, written, subject, rename=False):
        """Remembers a spelling; with `rename` it becomes the subject's everyday name."""
        self.known.setdefault(spelling(written), subject)
        subject.spellings.add(spelling(written))
        if rename and subject.name == subject.full_name:
            subject.name = re.sub(r"[«»\"„“]", "", values.text(written))

    def _asked(self, written, place, guess):
        key = f"subject|{spelling(written)}"
        answer = self.school.ask(key, Text(N_("Which subject is «%(written)s»?"), written=values.text(written)), place,
                                 [(subject.full_name, Text(subject.full_name)) for subject in self.found] +
                                 [("+", Text(N_("a subject of its own")))], guess.full_name if guess else "")
        if answer == "+":
            return self.add(written, place)
        chosen = next((subject for subject in self.found if subject.full_name == answer), None)
        if chosen:
            self.learn(written, chosen)
        return chosen


def spelling(written):
    """The key of a spelling: folded, quotes and stops out."""
    return " ".join(re.sub(r"[«»\"„“.,:;№]+", " ", values.fold(values.russian(written)[0])).split())


def likeness(key, subject):
    """How well a folded spelling reads as the subject, 0 … 1, over all its known spellings."""
    return max(_likeness(key, known) for known in subject.spellings)


def _likeness(key, name):
    if key == name:
        return 1.0
    main, extra = _words(name)
    asked = re.findall(r"[а-яa-z0-9]+(?:-[а-яa-z0-9]+)?", re.sub(r"[()]", " ", key))
    if not asked or not main:
        return 0
    free = main + extra
    quality, used = [], []
    for word in (word for word in asked if word not in SMALL):
        score, taken = _fit(word, free, used)
        if not score:
            return 0
        quality.append(score)
        used.extend(taken)
    covered = sum(index in used for index in range(len(main))) / len(main)
    leading = 0 in used
    order = used == sorted(used)
    return min(quality, default=0) * (0.62 + 0.2 * covered + 0.1 * leading + 0.06 * order)


def _words(name):
    """The words of a name outside and inside brackets, small words out, hyphens split."""
    outside = re.sub(r"\(.*?\)", " ", name)
    inside = " ".join(re.findall(r"\((.*?)\)", name))
    return tuple([word for word in re.findall(r"[а-яa-z0-9]+", part) if word not in SMALL] for part in (outside, inside))


def _fit(word, words, used):
    """`(score, indexes)`: the word as a beginning of one, a contraction of one or two, or the initials of several."""
    free = [index for index in range(len(words)) if index not in used]
    for index in free:
        if word == words[index]:
            return 1.0, [index]
    for index in free:
        if _begins(word, words[index]):
            return 0.95 if len(word) > 2 or word == "яз" else 0.8, [index]
    return _contraction(word, words, free) or _initials(word, words, free) or (0, [])


def _begins(word, full):
    """A beginning, or the same stem with another ending («английский» and «английского»)."""
    if len(word) < 2:
        return False
    if full.startswith(word):
        return True
    stem = word[:max(5, len(word) - 3)]
    return len(word) >= 6 and full.startswith(stem) and abs(len(full) - len(word)) <= 9


def _contraction(word, words, free):
    """«лит-ра», «физ-ра», «физкульт», «иняз»: the beginning of a word and the end or beginning of it or of the next."""
    if len(word) < 4:
        return None
    cuts = [word.index("-")] if "-" in word else range(2, len(word) - 1)
    for cut in cuts:
        head, tail = word[:cut], word[cut:].lstrip("-")
        for index in free:
            if not words[index].startswith(head) or len(tail) < 2:
                continue
            if "-" in word and words[index].endswith(tail):
                return 0.85, [index]
            if index + 1 in free and (words[index + 1].startswith(tail) or words[index + 1].endswith(tail) and len(tail) < 4):
                return 0.85, [index, index + 1]
    return None


def _initials(word, words, free):
    """«обзр», «орксэ», «вис», «эк»: the first letters of neighbouring words, small words counted or not."""
    letters = [words[index][0] for index in free]
    bare = "".join(letter for letter in word if letter.isalpha())
    small = bare.replace("и", "", 1) if "и" in bare[1:-1] else bare
    for shape in dict.fromkeys((bare, small)):
        at = "".join(letters).find(shape)
        if len(shape) >= 2 and at >= 0:
            return 0.9 if len(shape) > 2 or len(bare) > 2 else 0.8, free[at:at + len(shape)]
    return None
