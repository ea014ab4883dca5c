"""The Tortoise dictionary, used by the server, the worker and the migration command."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

APP = "weiban"
MODELS = [
    "app.kit.models",
    "app.domain.accounts.models",
    "app.domain.accounts.scene_models",
    "app.domain.halls.models",
    "app.domain.appointments.models",
    "app.domain.catalogue.models",
    "app.domain.cases.models",
    "app.domain.cases.follower_models",
    "app.domain.cases.paper_models",
    "app.domain.partners.models",
    "app.domain.invoices.models",
    "app.domain.credit_ratings.models",
    "app.domain.credit_appeals.models",
    "app.domain.certificates.models",
    "app.domain.sharing.models",
    "app.domain.notices.models",
    "app.gateways.exchange.models",
    "app.domain.audiences.models",
    "app.domain.connections.models",
    "app.domain.figures.models",
    "notifications.models",
    "notifications.quota.models",
    "notifications.wording.models",
    "notifications.campaigns.models",
    "notifications.campaigns.mass.models",
    "notifications.inbox.models",
]
MIGRATIONS = "app.migrations"


def credentials(url: str) -> dict[str, Any]:
    """What asyncpg needs of a ``postgresql://`` URL; ``?host=/folder`` names a unix socket."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "host": query.get("host") or parts.hostname or "localhost",
        "port": parts.port or int(query.get("port", "5432")),
        "user": unquote(parts.username or query.get("user", "postgres")),
        "password": unquote(parts.password) if parts.password else None,
        "database": parts.path.lstrip("/") or "postgres",
        **({"ssl": query["sslmode"]} if "sslmode" in query else {}),
    }


async def _leave_as_it_is(_: object) -> None:
    """What a connection needs when it returns to the pool.

    asyncpg itself rolls back an open transaction and drops listeners. Its further default, a round
    trip that resets settings, cursors and session locks, would double the trips of every statement;
    nothing here sets any of these for longer than a transaction.
    """


def tortoise_config(
    url: str, *, pool_min: int = 1, pool_max: int = 10, statement_timeout_ms: int = 30_000
) -> dict[str, Any]:
    """The configuration ``Tortoise.init`` takes.

    ``lock_timeout`` and ``statement_timeout`` bound every wait, so that one stuck transaction
    cannot hold all the others for ever; both are in milliseconds. A migration takes the time it
    takes: a statement timeout of 0 lifts the limits of time, except for waiting on locks.
    """
    return {
        "connections": {
            "default": {
                "engine": "app.kit.database_engine",
                "credentials": {
                    **credentials(url),
                    "minsize": pool_min,
                    "maxsize": pool_max,
                    "timeout": 5,
                    "command_timeout": statement_timeout_ms / 1000 or None,
                    "max_inactive_connection_lifetime": 300,
                    "reset": _leave_as_it_is,
                    "server_settings": {
                        "application_name": "weiban",
                        "timezone": "Asia/Shanghai",
                        "lock_timeout": "5000",
                        "statement_timeout": str(statement_timeout_ms),
                        "idle_in_transaction_session_timeout": "10000" if statement_timeout_ms else "0",
                    },
                },
            }
        },
        "apps": {
            APP: {"models": MODELS, "default_connection": "default", "migrations": MIGRATIONS},
        },
        "use_tz": True,
        "timezone": "Asia/Shanghai",
    }
