"""A bar that moves while a file of unknown length is taken in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def import_bar(name: str) -> Iterator[Callable[[int], None]]:
    """Show how many rows of a file are done; call what it gives with that number."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} 行"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(name, total=None, rate="")

        def tell(done: int) -> None:
            speed = bar.tasks[task].speed or 0
            bar.update(task, completed=done, rate=f"{speed:,.0f} 行/秒")

        yield tell
