"""docs/clauses.md is true: no clause without a row, none cited that is not there, none judged without a test."""

import pytest

from tests.regulation import table

DOCUMENTS = list(table.PRESETS)


def test_the_page_is_the_generated_one():
    assert table.PAGE.read_text(encoding="utf-8") == table.page(), "run python -m tests.regulation.table"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_clause_a_preset_cites_has_a_row(document):
    assert table.cited(document).keys() - table.clauses()[document].keys() == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_clause_has_a_known_manner_and_says_what_it_asks_for(document):
    assert [clause for clause, (manner, _ids, says) in table.clauses()[document].items() if manner not in table.MANNERS or not says] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_clause_that_judges_an_entry_is_proved_by_name(document):
    proved, tested = table.tests(document), table.tested_rules()
    assert [clause for clause, (manner, ids, _says) in table.clauses()[document].items()
            if manner in table.JUDGED and clause not in proved and tested.isdisjoint(ids.split())] == []
