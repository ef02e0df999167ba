"""No door to the journal is forgotten: each address that writes is named with the tests that try the rules at it."""

from fnmatch import fnmatch

from tests.regulation import doors


def test_every_address_that_writes_is_a_door_of_the_journal_or_named_as_another(app):
    known = {endpoint for door in doors.DOORS for endpoint in door.endpoints}
    other = [*doors.OTHER.split(), *(f"admin_{table}.*" for table in doors.TABLES.split())]
    writing = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert sorted(known - writing) == []
    assert sorted(each for each in writing - known if not any(fnmatch(each, pattern) for pattern in other)) == []


def test_every_test_of_the_table_is_there():
    named = {name for door in doors.DOORS for names in door.tests.values() for name in names}
    assert sorted(named - doors.tests().keys()) == []


def test_the_page_of_doors_is_the_generated_one():
    assert doors.PAGE.read_text(encoding="utf-8") == doors.page(), "run python -m tests.regulation.doors"
