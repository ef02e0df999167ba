"""Russian for paper: a number in words, the form of a noun after a number."""

_UNITS = ("", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать",
          "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать",
          "девятнадцать")
_TENS = ("", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто")
_HUNDREDS = ("", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот")


def in_words(number: int) -> str:
    """A number from 0 to 999 999 in Russian words, masculine: 121 → «сто двадцать один»."""
    if number == 0:
        return "ноль"
    thousands, rest = divmod(number, 1000)
    parts = _below_thousand(rest)
    if thousands:
        feminine = {"один": "одна", "два": "две"}
        counted = [feminine.get(word, word) for word in _below_thousand(thousands)]
        parts = [*counted, plural(thousands, "тысяча", "тысячи", "тысяч"), *parts]
    return " ".join(parts)


def plural(number: int, one: str, few: str, many: str) -> str:
    """The noun's form after the number: 1 лист, 3 листа, 11 листов."""
    if number % 100 in range(11, 15):
        return many
    return {1: one, 2: few, 3: few, 4: few}.get(number % 10, many)


def _below_thousand(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    small = [_UNITS[rest]] if rest < 20 else [_TENS[rest // 10], _UNITS[rest % 10]]
    return [word for word in (_HUNDREDS[hundreds], *small) if word]
