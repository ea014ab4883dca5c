"""Asking for consent: at each moment for messages there are, as many as WeChat's prompt takes."""

import pytest

from config import messages
from notifications.prompts import ASKED, Moment

_MOST = 3
"""Templates in one prompt of WeChat's."""


@pytest.mark.parametrize("moment", Moment)
def test_each_moment_asks_for_a_few_messages_that_there_are(moment: Moment) -> None:
    names = ASKED[moment]
    assert 0 < len(names) <= _MOST
    assert set(names) <= set(messages.current())
