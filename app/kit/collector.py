"""Python's garbage collector in processes that live long and make many short-lived objects."""

import gc


def spare() -> None:
    """Leave what was made at start out of every search for garbage, and search less often.

    A request frees nearly all of its objects by counting references; looking for the rest after every
    700 new ones cost a sixth of a short request's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
