"""What a run found: a table for people, ``bench.json`` for programs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Finding:
    """One number of ours beside what it is measured against.

    ``ratio`` is ours divided by ``limit``; it has to be at least, or at most, ``bound``.
    """

    ours: float
    limit: float
    unit: str
    bound: float
    notes: str
    more_is_better: bool = True

    @property
    def ratio(self) -> float:
        return self.ours / self.limit

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        return self.ratio >= self.bound if self.more_is_better else self.ratio <= self.bound

    @property
    def wanted(self) -> str:
        return f"{'≥' if self.more_is_better else '≤'} {self.bound:g}"


Findings = Mapping[str, Finding]


def show(findings: Findings) -> None:
    """Print the table."""
    table = Table(title="Benchmarks")
    for name in ("benchmark", "ours", "against", "unit", "ratio", "wanted", ""):
        table.add_column(name, justify="right" if name in {"ours", "against", "ratio", "wanted"} else "left")
    table.add_column("notes", overflow="fold")
    for name, one in findings.items():
        numbers = _number(one.ours), _number(one.limit), one.unit, f"{one.ratio:.2f}", one.wanted
        table.add_row(name, *numbers, "[green]ok[/]" if one.holds else "[red]missed[/]", one.notes)
    Console(width=150).print(table)


def write(findings: Findings, file: Path) -> None:
    """Write ``{name: {ours, limit, ratio, unit, notes}}``."""
    told = {
        name: {
            "ours": round(one.ours, 3),
            "limit": round(one.limit, 3),
            "ratio": round(one.ratio, 3),
            "unit": one.unit,
            "notes": f"ratio {one.wanted}. {one.notes}",
        }
        for name, one in findings.items()
    }
    file.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.3f}"
