"""A long-lived process leaves what it began with out of its searches for garbage."""

import gc

from app.kit import collector


def test_what_was_made_at_start_is_searched_no_more_and_the_rest_less_often() -> None:
    before, kept = gc.get_threshold(), {"made": "at start"}
    kept["itself"] = kept  # type: ignore[assignment]
    try:
        collector.spare()
        assert gc.get_freeze_count() > 0
        assert not any(one is kept for one in gc.get_objects())
        assert gc.get_threshold() == (20_000, 20, 50)
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
