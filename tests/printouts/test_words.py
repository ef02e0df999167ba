import pytest

from printouts.words import in_words, plural


@pytest.mark.parametrize(("number", "words"), [
    (0, "ноль"), (1, "один"), (11, "одиннадцать"), (20, "двадцать"), (52, "пятьдесят два"), (104, "сто четыре"),
    (219, "двести девятнадцать"), (1000, "одна тысяча"), (2002, "две тысячи два"),
    (21_340, "двадцать одна тысяча триста сорок"), (5_011, "пять тысяч одиннадцать")])
def test_law_07_numbers_are_written_in_words(number, words):
    assert in_words(number) == words


@pytest.mark.parametrize(("number", "noun"), [
    (1, "лист"), (2, "листа"), (5, "листов"), (11, "листов"), (12, "листов"), (21, "лист"), (104, "листа"), (112, "листов")])
def test_law_07_the_noun_follows_its_number(number, noun):
    assert plural(number, "лист", "листа", "листов") == noun
