"""Libraries whose answers a test writes."""

from collections.abc import Iterator

import pytest

from app.gateways import exchange
from tests.factories.sharing import Libraries


@pytest.fixture
def libraries(db: None) -> Iterator[Libraries]:
    """They know everybody as 张三."""
    made = Libraries()
    exchange.use_libraries(made)
    yield made
    exchange.use_libraries(None)
