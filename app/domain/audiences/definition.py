"""The definition of an audience: words that say whom a message is for.

``{"groups": […], "regions": […], "halls": […], "tags": […], "lists": […], "rated_years": […]}`` or
``{"everyone": true}``, and ``"exclude"`` with the same keys and ``told_by_campaign``. Somebody is meant who
is in *any* one of the values of *every* key said; whoever is in any value of any key of ``exclude`` is not.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from app.domain.audiences.errors import InvalidAudience
from app.domain.audiences.tags import is_tag

_MOST: Final = 500
"""Values of one key."""

_GROUP = re.compile(r"[a-z][a-z0-9_]{1,31}")
_REGION_LENGTHS = (2, 4, 6, 9, 12)


def _is_group(value: Any) -> bool:
    return isinstance(value, str) and _GROUP.fullmatch(value) is not None


def _is_region(value: Any) -> bool:
    return isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) in _REGION_LENGTHS


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**63


def _is_year(value: Any) -> bool:
    return type(value) is int and 2000 <= value <= 2200


_KEYS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "groups": (_is_group, "应为分组编码，如 general"),
    "regions": (_is_region, "应为 2、4、6、9 或 12 位区划代码"),
    "halls": (_is_id, "应为大厅编号"),
    "tags": (is_tag, "应为 1 到 40 个字的标签"),
    "lists": (_is_id, "应为名单编号"),
    "rated_years": (_is_year, "应为信用评价年度，如 2025"),
}
_EXCLUDED_ONLY: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "told_by_campaign": (_is_id, "应为群发编号"),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """An audience as it was said: values by key, in the order of the keys above."""

    include: Mapping[str, tuple[Any, ...]]
    exclude: Mapping[str, tuple[Any, ...]]

    @property
    def is_everyone(self) -> bool:
        """Whether nothing narrows it: an announcement, which is not aimed at anybody's profile."""
        return not self.include

    @classmethod
    def read(cls, said: object) -> Self:
        """The definition of plain data. Raises InvalidAudience naming each wrong key."""
        faults: dict[str, list[str]] = {}
        if not isinstance(said, Mapping):
            raise InvalidAudience(fields={"audience": ["应为一组条件"]})
        given = {str(key): value for key, value in said.items() if key not in ("everyone", "exclude")}
        include = _values(given, _KEYS, "", faults)
        exclude = _values(said.get("exclude", {}), {**_KEYS, **_EXCLUDED_ONLY}, "exclude.", faults)
        if said.get("everyone", False) not in (True, False):
            faults["everyone"] = ["应为 true"]
        elif said.get("everyone") and given:
            faults["everyone"] = ["已选所有人，不能再加其他条件；如需缩小范围请去掉 everyone"]
        elif not said.get("everyone") and not given:
            faults["audience"] = [f"请至少说明一项：{'、'.join(_KEYS)} 或 everyone"]
        if faults:
            raise InvalidAudience(fields=faults)
        return cls(include, exclude)


def _values(
    said: Any,
    known: Mapping[str, tuple[Callable[[Any], bool], str]],
    where: str,
    faults: dict[str, list[str]],
) -> dict[str, tuple[Any, ...]]:
    if not isinstance(said, Mapping):
        faults[where.rstrip(".")] = ["应为一组条件"]
        return {}
    for key in said:
        if key not in known:
            faults[f"{where}{key}"] = [f"没有这项条件，可用 {'、'.join(known)}"]
    found: dict[str, tuple[Any, ...]] = {}
    for key, (is_right, words) in known.items():
        if key not in said:
            continue
        values = said[key]
        if not isinstance(values, list | tuple) or not 0 < len(values) <= _MOST:
            faults[f"{where}{key}"] = [f"应为 1 到 {_MOST} 个值的列表"]
        elif wrong := [value for value in values if not is_right(value)]:
            faults[f"{where}{key}"] = [f"{wrong[0]!r}：{words}"]
        else:
            found[key] = tuple(dict.fromkeys(values))
    return found
