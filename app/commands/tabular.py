"""Tables on the terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table


def show(titles: Sequence[str], rows: Iterable[Sequence[object]], *, none: str) -> None:
    """Print rows under their titles, or the words for having none."""
    table = Table(*titles, box=None, header_style="bold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    # Wider than a terminal, lines are cut by nobody who reads them through a pipe.
    console = Console(width=None if Console().is_terminal else 200, highlight=False, markup=False)
    console.print(table if table.row_count else none)
