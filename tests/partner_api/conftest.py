"""The partner interface alone over real HTTP: what it does needs no WeChat."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from sanic import Sanic
from sanic.config import Config

from app import partner_api
from app.domain.partners import admission
from app.kit.web import PARTNER, register_signature_check
from app.kit.web.observation import attach_observation
from app.kit.web.problems import attach_problems
from tests.client import Client
from tests.conftest import Engines
from tests.serving import served


@pytest.fixture(scope="session")
async def partner_address(migrated: Engines) -> AsyncIterator[str]:
    """Where it listens for this run; the stores behind it are opened by each test."""
    app: Sanic[Any, Any] = Sanic("weiban-partner-test", config=Config(env_prefix=""), configure_logging=False)
    register_signature_check(PARTNER, admission.admit, admission.check_address)
    attach_observation(app)
    attach_problems(app)
    for area in partner_api.ROUTES:
        area.attach(app)
    async with served(app) as url:
        yield url


@pytest.fixture
async def client(partner_address: str, db: None) -> AsyncIterator[Client]:
    """A caller of the partner interface."""
    async with aiohttp.ClientSession(partner_address) as session:
        yield Client(session)
