"""How another system's own names and step codes read in ours, so that nothing is typed twice (D05)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from app.domain.cases.clock import PROMISE_TYPES
from app.domain.partners.errors import SystemInvalid
from app.domain.partners.kinds import MessageKind
from app.kit.clock import SHANGHAI

_UNITS: Final = {str(code): unit.value for code, unit in PROMISE_TYPES.items()}
_LIMITS: Final = {f"{name}_unit": _UNITS for name in ("promised", "legal", "limit")}
"""Units of time limits by their codes (承诺期限类型 0–3), in whichever limit a system tells."""

STEP_CODES: Final[Mapping[str, object]] = {
    "kinds": {
        "1": "application",  # 收件
        "2": "acceptance",  # 受理
        "3": "review",  # 审核
        "4": "decision",  # 办结
        "11": "correction_received",  # 补齐补正
        "12": "special_procedure",  # 挂起
        "99": "other",  # 其他
    },
    "values": _LIMITS,
}
"""The step codes of another system in use; a system's own map may add to them."""

GUANGDONG: Final[Mapping[str, object]] = {
    "kinds": {
        "0": "application", "1": "pre_acceptance", "2": "acceptance", "3": "review", "4": "decision",
        "5": "special_procedure", "6": "special_procedure_result", "7": "correction_notice",
        "8": "correction_received", "9": "collection",
    },
    "values": {**_LIMITS, "procedure": {"A": "extension"}},
}  # fmt: skip
"""The numbers of the Guangdong exchange model's own messages."""

PRESETS: Final = {"step_codes": STEP_CODES, "guangdong": GUANGDONG}

_PARTS = ("fields", "kinds", "values", "fill", "ignore")


@dataclass(frozen=True, slots=True)
class FieldMap:
    """字段映射 of one system.

    ``fields``: its name → ours. ``kinds``: its code → our kind. ``values``: our field → its value → ours.
    ``fill``: our kind, or ``*`` for all → our field → a value where it gives none. ``ignore``: names of
    its own that tell us nothing.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fill: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()

    @classmethod
    def read(cls, given: Mapping[str, Any] | None) -> Self | None:
        """The map as it is kept. Raises SystemInvalid for one that says something else."""
        if given is None:
            return None
        strange = sorted(set(given) - set(_PARTS))
        if strange:
            raise SystemInvalid(fields={name: [f"应为 {'、'.join(_PARTS)} 之一"] for name in strange})
        for name in ("fields", "kinds"):
            if not _is_words(given.get(name, {})):
                raise SystemInvalid(fields={name: ["应为“对方的写法 = 我方的写法”"]})
        for name in ("values", "fill"):
            tables = given.get(name, {})
            if not isinstance(tables, Mapping) or not all(_is_words(one) for one in tables.values()):
                raise SystemInvalid(fields={name: ["应为每个字段（或类别）一节“写法 = 写法”"]})
        ignore = given.get("ignore", [])
        if not isinstance(ignore, list) or not all(isinstance(one, str) for one in ignore):
            raise SystemInvalid(fields={"ignore": ["应为字段名的列表"]})
        unknown = sorted(set(given.get("kinds", {}).values()) - set(MessageKind))
        if unknown:
            raise SystemInvalid(fields={"kinds": [f"没有这样的类别：{'、'.join(unknown)}"]})
        return cls(**{**given, "ignore": frozenset(ignore)})

    def translated(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row in our words; what the map does not name stays as it is."""
        ours = {self.fields.get(name, name): value for name, value in row.items() if name not in self.ignore}
        code = ours.get("kind")
        if isinstance(code, str | int) and str(code) in self.kinds:
            ours["kind"] = self.kinds[str(code)]
        for name, values in self.values.items():
            if isinstance(ours.get(name), str | int) and str(ours[name]) in values:
                ours[name] = values[str(ours[name])]
        if isinstance(ours.get("at"), str):
            ours["at"] = _with_zone(ours["at"])
        for scope in (str(ours.get("kind")), "*"):
            for name, value in self.fill.get(scope, {}).items():
                ours.setdefault(name, value)
        return ours


def _with_zone(text: str) -> str:
    """A moment as other systems and spreadsheets write it: without a zone it is Beijing time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.isoformat() if at.tzinfo else at.replace(tzinfo=SHANGHAI).isoformat()


def _is_words(table: object) -> bool:
    return isinstance(table, Mapping) and all(
        isinstance(name, str) and isinstance(value, str) for name, value in table.items()
    )
