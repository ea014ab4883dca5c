"""The Tortoise dictionary, used by the server, the worker and the migration command."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

APP = "weiban"
MODELS = [
    "app.kit.models",
    "app.domain.accounts.models",
    "app.domain.halls.models",
    "app.domain.appointments.models",
    "notifications.models",
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


def tortoise_config(
    url: str, *, pool_min: int = 1, pool_max: int = 10, statement_timeout_ms: int = 30_000
) -> dict[str, Any]:
    """The configuration ``Tortoise.init`` takes.

    ``lock_timeout`` and ``statement_timeout`` bound every wait, so that one stuck transaction
    cannot hold all the others for ever; both are in milliseconds.
    """
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": {
                    **credentials(url),
                    "minsize": pool_min,
                    "maxsize": pool_max,
                    "timeout": 5,
                    "command_timeout": statement_timeout_ms / 1000 or None,
                    "max_inactive_connection_lifetime": 300,
                    "server_settings": {
                        "application_name": "weiban",
                        "timezone": "Asia/Shanghai",
                        "lock_timeout": "5000",
                        "statement_timeout": str(statement_timeout_ms),
                        "idle_in_transaction_session_timeout": "10000",
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
