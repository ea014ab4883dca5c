"""A memory with room for so many."""

from app.kit.keeping import Kept


def test_what_came_first_makes_room() -> None:
    kept: Kept[str, int] = Kept(2)
    for value, key in enumerate("abc"):
        kept.put(key, value)
    assert [kept.get(key) for key in "abc"] == [None, 1, 2]
    assert len(kept) == 2


def test_a_newer_value_takes_the_place_of_the_older_and_of_no_other() -> None:
    kept: Kept[str, int] = Kept(2)
    for value, key in enumerate("abb"):
        kept.put(key, value)
    assert [kept.get(key) for key in "ab"] == [0, 2]
