"""What a migration has the database itself forbid: indexes and checks, said in SQL and undone in reverse."""

from collections.abc import Iterable, Mapping

from tortoise.migrations import operations as ops


def operation(
    indexes: Mapping[str, str],
    checks: Mapping[tuple[str, str], str] | None = None,
    *,
    first: Iterable[tuple[str, str]] = (),
    last: Iterable[tuple[str, str]] = (),
) -> ops.RunSQL:
    """Create them all, forward and backward.

    ``indexes`` hold the words after CREATE with ``{}`` for the name, ``checks`` a condition by table and
    name, ``first`` and ``last`` further statements, each with what undoes it. Tortoise writes no partial
    indexes, and no checks for a new table.
    """
    said = [
        *first,
        *((f"CREATE {text.format(name)}", f"DROP INDEX {name}") for name, text in indexes.items()),
        *(
            (
                f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule})",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for (table, name), rule in (checks or {}).items()
        ),
        *last,
    ]
    return ops.RunSQL([forward for forward, _ in said], [backward for _, backward in reversed(said)])
