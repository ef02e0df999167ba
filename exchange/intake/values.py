"""What one cell means: names, dates, phones, classes, hours as a secretary types them. Pure, no tables, no file."""

import datetime
import re

MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
LATIN = str.maketrans("AaBCcEeHKkMOoPpTXxy", "АаВСсЕеНКкМОоРрТХху")
NOTHING = frozenset({"нет", "-", "--", "—", "–", "−", "не указан", "не указано", "отсутствует", "н/д", "no", "none", "?"})
CLASS = re.compile(
    r"(?P<grade>1[0-2]|[1-9])(?:-?(?:й|ый|ой|го))?\s*[-–.]?\s*[«\"'(]?\s*(?P<letter>[А-ЯЁ])?\s*[»\"')]?"
    r"\s*(?:кл(?:асс[а-я]*)?\.?)?\s*[«\"'(]?\s*(?P<after>[А-ЯЁ])?\s*[»\"')]?", re.IGNORECASE)
CLASS_IN_PHRASE = re.compile(
    r"(?<![\d.,№])(1[0-2]|[1-9])\s*[-–]?\s*[«\"]?([А-ЯЁа-яё])?[»\"]?\s*(?:-?[гм]о\s+)?кл(?:асс[а-я]*|\b)")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
PHONE = re.compile(r"(?:\+?[78]|\b)[\s(–-]*\d{3}[\s)–-]*\d{3}[\s–-]*\d{2}[\s–-]*\d{2}(?!\d)")
TIME = re.compile(r"(?<![\d.:])([01]?\d|2[0-3])\s*[:.]\s*([0-5]\d)(?![\d])(?![.:]\d)"
                  r"|(?<![\d.:)-])([01]?\d|2[0-3])-([0-5]\d)(?![\d-])")
MONTH = r"(?:янв|фев|мар|апр|ма[йяе]|июн|июл|авг|сен|окт|ноя|дек)[а-я]*"
DAY = re.compile(
    r"(?<!\d)(?P<iso>(?P<iy>\d{4})[-./](?P<im>\d{1,2})[-./](?P<id>\d{1,2}))(?!\d)"
    r"|(?<![\d.])(?P<full>(?P<fd>\d{1,2})\s?(?P<sep>[./\-])\s?(?P<fm>\d{1,2})\s?(?P=sep)\s?(?P<fy>\d{4}|\d{2}))(?!\d)"
    rf"|(?<!\d)(?P<word>(?P<wd>\d{{1,2}})\s*(?P<wm>{MONTH})\.?(?:\s*(?P<wy>\d{{4}}))?)(?!\d)"
    r"|(?<![\d.:])(?P<short>(?P<sd>\d{1,2})\.(?P<sm>0[1-9]|1[0-2]))(?!\.?\d)"
    rf"|(?<![\d.])(?P<bare>\d{{1,2}})(?=(?:\s*(?:,|и|по|до|[-–—])\s*\d{{1,2}})+\s*{MONTH})", re.IGNORECASE)
FIRST_SERIAL, LAST_SERIAL = 3_654, 73_051  # 1910 and 2100 as Excel counts days


def text(value):
    """One line of text without stray blanks: `'Осипова\\xa0 Анна '` -> `'Осипова Анна'`; nothing -> `''`."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = str(value)
    return " ".join((written if written.isprintable() else written.translate(_UNSEEN)).split())


# Control and zero-width characters, marks of direction and halves of surrogate pairs are nobody's writing.
_UNSEEN = dict.fromkeys([*range(9), *range(14, 32), *range(127, 160), 0xad, *range(0x200b, 0x2010), *range(0x202a, 0x202f),
                         *range(0x2060, 0x2070), 0xfeff, 0xfffe, 0xffff, *range(0xd800, 0xe000)])


def fold(value):
    """The key two spellings are compared by: lower case, ё as е, single blanks."""
    return text(value).lower().replace("ё", "е")


def absent(value):
    """Whether a cell says «nothing here» in words or by a dash."""
    return fold(value).strip(" .") in NOTHING or not text(value)


def russian(value):
    """`(text, repaired)`: Latin look-alikes inside a Russian word replaced; a purely Latin word is left alone."""
    words = [_russian_word(word) for word in text(value).split(" ")]
    repaired = " ".join(words)
    return repaired, repaired != text(value)


def name(value):
    """A person's name in usual case without blanks, remarks in brackets dropped: `'ОРЛОВ  Пётр (опекун)'` -> `'Орлов Пётр'`."""
    bare = re.sub(r"\(.*?\)", " ", text(value)).strip(" ,;.") if "(" in text(value) else text(value)
    return " ".join(_name_case(word) for word in bare.split())


def looks_like_name(value):
    """Whether a cell reads as a full name: two to four words of letters, or a surname with initials."""
    words = name(russian(value)[0]).split()
    if not 2 <= len(words) <= 5 or absent(value):
        return False
    return all(re.fullmatch(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?|(?:[^\W\d_]\.){1,2}", word) for word in words)


def parts(full):
    """
    `(surname, first name, patronymic or None)` of a full name. Words after the surname that end in no patronymic are all the
    first name («Нгуен Ван Минь»); «Эльчин кызы» is one patronymic.
    """
    words = full.split()
    surname, rest = words[0], words[1:]
    if len(rest) > 1 and patronymic_sex(full):
        return surname, rest[0], " ".join(rest[1:])
    return surname, " ".join(rest), None


def initials(full):
    """`(surname key, initials)` of `'Черных С.В.'` or of a full name: comparing both tells whether one may be the other."""
    surname, *rest = re.sub(r"\.", ". ", text(full)).split() or [""]
    return fold(surname), "".join(fold(word)[0] for word in rest if word.strip("."))


def is_short(full):
    """Whether a name is a surname with initials."""
    rest = text(full).split(" ", 1)[1:]
    return bool(rest) and bool(re.fullmatch(r"(?:[^\W\d_]\.\s*){1,2}|[^\W\d_]{1,2}", rest[0]))


def patronymic_sex(full):
    """`'m'`, `'f'` or None by the ending of the patronymic."""
    last = fold(full).split()[-1] if fold(full) else ""
    if re.search(r"(?:ович|евич|ич|оглы|улы|уулу)$", last):
        return "m"
    return "f" if re.search(r"(?:овна|евна|ична|инична|кызы|гызы)$", last) else None


def sex(value):
    """`'m'`, `'f'` or None."""
    folded = fold(value).strip(".")
    if re.fullmatch(r"м|m|male|муж(?:ской|чина)?|мальчик|юноша", folded):
        return "m"
    return "f" if re.fullmatch(r"ж|f|female|жен(?:ский|щина)?|девочка|девушка", folded) else None


def yes(value):
    """True, False or None (nothing said) for «да», «нет», a tick."""
    folded = fold(value).strip(".")
    if folded in {"да", "+", "есть", "имеется", "yes", "y", "1", "v", "true", "получено"}:
        return True
    return False if folded in {"нет", "-", "no", "n", "0", "false", "отказ"} else None


def phone(value):
    """E.164 of a Russian number in any spelling, or None."""
    digits = re.sub(r"\D", "", text(value))
    if len(digits) == 10 and not digits.startswith(("7", "8")) or len(digits) == 10 and digits[0] in "9":
        return "+7" + digits
    return "+7" + digits[1:] if len(digits) == 11 and digits[0] in "78" else None


def phones(value):
    """Every phone in a cell, in order."""
    if isinstance(value, (int, float)):
        return [phone(value)] if phone(value) else []
    found = (phone(match.group()) for match in PHONE.finditer(text(value)))
    return list(dict.fromkeys(number for number in found if number))


def email(value):
    """The address in lower case, or None when it is not a whole one."""
    match = EMAIL.fullmatch(text(value))
    return match.group().lower() if match else None


def date(value, before=None):
    """
    A date, or None when the cell is none. Text is day, month, year, or year, month, day; a bare number is a date as Excel
    counts days. `before` (a date) settles the century of a two-figure year: the latest one not after it. Raises ValueError
    for a date that does not exist (31.06).
    """
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if is_serial(value):
        return datetime.date(1899, 12, 30) + datetime.timedelta(days=int(number(value)))
    found = next((match for match in DAY.finditer(text(value)) if match["iso"] or match["full"] or match["wy"]), None)
    return _day(found, before=before) if found else None


def looks_like_date(value):
    """Whether a cell is written as a date, be there such a day or not."""
    whole = (match["iso"] or match["full"] or match["wy"] for match in DAY.finditer(text(value)))
    return isinstance(value, datetime.date) or any(whole) or is_serial(value)


def is_serial(value):
    """Whether a cell is a date without a date's format, «42250»."""
    return number(value) is not None and FIRST_SERIAL <= number(value) <= LAST_SERIAL


def dates(value, year=None):
    """
    Every date in a cell in order. `year` (first calendar year of the school year) dates «1 сентября» and «26.10»; «с 5 по
    11 октября» and «1, 2 и 9 мая» lend the month backwards. Days that do not exist are passed over.
    """
    if isinstance(value, datetime.date):
        return [date(value)]
    found, month = [], None
    for match in reversed(list(DAY.finditer(text(value)))):
        month = match["wm"] or month
        year = year or match["wy"] and int(match["wy"]) - (_month(match["wm"]) < 8)
        found.append(_quiet(match, year, month))
    return [day for day in reversed(found) if day]


def times(value):
    """Every time of day in a cell, in order: `'8.30 – 9.15'` -> two."""
    if isinstance(value, datetime.datetime):
        return [value.time()]
    if isinstance(value, datetime.time):
        return [value]
    return [datetime.time(int(match[1] or match[3]), int(match[2] or match[4])) for match in TIME.finditer(text(value))]


def number(value):
    """A number from a cell, `'0,5'` included, or None; whole numbers come as int."""
    if isinstance(value, bool) or isinstance(value, datetime.date):
        return None
    match = re.fullmatch(r"(-?\d{1,15}(?:[.,]\d{1,15})?)\s*(?:ч(?:ас\w*)?\.?)?", text(value))
    if not match:
        return None
    found = float(match[1].replace(",", "."))
    return int(found) if found.is_integer() else found


def class_name(value):
    """`'8 «А»'`, `'10 кл.'`, `5`, `'1Б '` -> `'8А'`, `'10'`, `'5'`, `'1Б'`; anything else -> None."""
    written = re.sub(r"\bкл(?:асс)?\.?(?=\s|$)", "класс", russian(text(value))[0].translate(_CLASS_LATIN))
    match = CLASS.fullmatch(written.strip())
    if not match:
        return None
    return match["grade"] + (match["letter"] or match["after"] or "").upper()


def class_names(value):
    """All classes of a cell: `'5А, 5Б'`, `'7-8'` is no list; None of them -> []."""
    whole = class_name(value)
    if whole:
        return [whole]
    pieces = re.split(r"[,;/]|\bи\b", re.sub(r"\bкл(?:асс[а-я]*)?\.?", " ", fold(value)))
    names = [class_name(piece) for piece in pieces]
    return names if names and all(names) else []


def class_in(value):
    """The class named inside a phrase («Список обучающихся 5 «А» класса»), or None."""
    written = russian(text(value))[0]
    match = CLASS_IN_PHRASE.search(written)
    return class_name(match[1] + (match[2] or "")) if match else None


def grade(class_or_text):
    """The number at the beginning of a class name."""
    match = re.match(r"\d+", text(class_or_text))
    return int(match[0]) if match else None


def grades(value):
    """The grades of «1–4 классы», «5-9, 11», «1 класс» as a sorted list; [] when there are none."""
    found = set()
    for first, last in re.findall(r"(?<!\d)(1[0-2]|[1-9])(?:\s*[-–—]\s*(1[0-2]|[1-9]))?(?![\d.:])", text(value)):
        found.update(range(int(first), int(last or first) + 1))
    return sorted(found)


_CLASS_LATIN = str.maketrans("ABCEHKMOPTXabcehkmoptx", "АВСЕНКМОРТХавсенкмортх")


def _russian_word(word):
    if re.search("[А-Яа-яЁё]", word) and re.search("[A-Za-z]", word):
        return word.translate(LATIN)
    return word


def _name_case(word):
    one_case = word.isupper() or word.islower()
    if len(word) > 2 and "." not in word and one_case and fold(word) not in {"оглы", "кызы", "гызы", "улы", "уулу"}:
        return "-".join(piece.capitalize() for piece in word.split("-"))
    return word


def _day(match, year=None, month=None, before=None):
    """The date of a match of DAY, or None when nothing tells its year."""
    if match["iso"]:
        return datetime.date(int(match["iy"]), int(match["im"]), int(match["id"]))
    if match["full"]:
        return _date(int(match["fd"]), int(match["fm"]), match["fy"], before)
    if match["short"]:
        return datetime.date(year + (int(match["sm"]) < 8), int(match["sm"]), int(match["sd"])) if year else None
    number_of_month = _month(match["wm"] or month)
    written = int(match["wy"]) if match["wy"] else year and year + (number_of_month < 8)
    return datetime.date(written, number_of_month, int(match["wd"] or match["bare"])) if written else None


def _month(word):
    return next(number for number, stem in enumerate(MONTHS, start=1) if word.lower().startswith(stem))


def _date(day, month, year, before):
    if len(year) == 4:
        return datetime.date(int(year), month, day)
    found = datetime.date(2000 + int(year), month, day)
    return found if before is None or found <= before else datetime.date(1900 + int(year), month, day)


def _quiet(match, year, month):
    try:
        return _day(match, year, month)
    except ValueError:
        return None
