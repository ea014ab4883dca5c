"""Releases of a test leave no partitions behind."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.factories import credit as make
from tests.factories.credit import Authority


@pytest.fixture
async def releases_table(db: None) -> AsyncIterator[None]:
    """Room for releases."""
    yield
    await make.forget_releases()


@pytest.fixture
def authority() -> Iterator[Authority]:
    """The tax authority, telling nothing yet."""
    with make.asked() as told:
        yield told
