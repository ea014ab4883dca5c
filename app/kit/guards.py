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


def by_range(table: str, column: str, *, fill: int = 100, has_sequence: bool = True) -> tuple[str, str]:
    """What makes a table one partitioned by ranges of a timestamp column, with its rows, and back.

    The key becomes (id, column). All rows land in ``<table>_rest``; ``app.kit.partitions`` makes the
    partitions. Give it as ``first``: indexes have to be dropped before, and made after it.
    """

    rest = f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT WITH (fillfactor = {fill})"
    return (
        _rebuilt(table, f"PARTITION BY RANGE ({column})", f"id, {column}", rest, has_sequence=has_sequence),
        _rebuilt(table, "", "id", has_sequence=has_sequence),
    )


def by_hash(
    table: str,
    column: str,
    parts: int,
    key: str,
    plain_key: str,
    *,
    fill: int = 100,
    has_sequence: bool = True,
) -> tuple[str, str]:
    """What splits a table into so many parts by the hash of a column, with its rows, and back.

    ``key`` becomes its primary key and has to name the column; ``plain_key`` was it before. The parts are
    ``<table>_0`` and so on. Give it as ``first``, like ``by_range``.
    """
    split = (
        f"CREATE TABLE {table}_{part} PARTITION OF {table}"
        f" FOR VALUES WITH (MODULUS {parts}, REMAINDER {part}) WITH (fillfactor = {fill})"
        for part in range(parts)
    )
    return (
        _rebuilt(table, f"PARTITION BY HASH ({column})", key, *split, has_sequence=has_sequence),
        _rebuilt(table, "", plain_key, has_sequence=has_sequence),
    )


def _rebuilt(table: str, shape: str, key: str, *between: str, has_sequence: bool) -> str:
    """The statements that make a table anew in another shape, with its rows."""

    def owned_by(owner: str) -> list[str]:
        return [f"ALTER SEQUENCE {table}_id_seq OWNED BY {owner}"] if has_sequence else []

    return "; ".join(
        [
            f"ALTER TABLE {table} RENAME TO {table}_before",
            *owned_by("NONE"),
            f"CREATE TABLE {table} (LIKE {table}_before INCLUDING DEFAULTS INCLUDING COMMENTS) {shape}",
            *between,
            f"INSERT INTO {table} SELECT * FROM {table}_before",  # noqa: S608  Names of ours.
            f"DROP TABLE {table}_before",
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({key})",
            *owned_by(f"{table}.id"),
        ]
    )
