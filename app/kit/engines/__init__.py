"""The real PostgreSQL and Valkey, from wheels, started on this machine as whoever we are.

Everything here is synchronous: the supervisor asks from a thread, tests ask directly.
"""

from app.kit.engines.postgres import Postgres
from app.kit.engines.process import EngineFailed
from app.kit.engines.valkey import Valkey

__all__ = ["EngineFailed", "Postgres", "Valkey"]
