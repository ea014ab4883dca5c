"""WeChat's limits on a menu, checked on the very body that is sent.

Source: the custom menu guide; its error codes are 40015-40028 and 40054-40055.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

MOST_TOP: Final = 3
MOST_SUB: Final = 5
TOP_NAME_BYTES: Final = 16
SUB_NAME_BYTES: Final = 60
KEY_BYTES: Final = 128
URL_BYTES: Final = 1024

_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "click": ("key",),
    "view": ("url",),
    "miniprogram": ("appid", "pagepath", "url"),
}


def faults(body: Mapping[str, Any]) -> Iterator[str]:
    """What WeChat would refuse of ``{"button": [...]}``, in words; nothing if it is all right."""
    top: Sequence[Mapping[str, Any]] = body.get("button", ())
    if not 1 <= len(top) <= MOST_TOP:
        yield f"一级菜单应有 1 到 {MOST_TOP} 个，现有 {len(top)} 个"
    for button in top:
        yield from _faults_of_name(button, TOP_NAME_BYTES, "一级菜单")
        below: Sequence[Mapping[str, Any]] = button.get("sub_button", ())
        if len(below) > MOST_SUB:
            yield f"“{button.get('name')}”下最多 {MOST_SUB} 项，现有 {len(below)} 项"
        if not below:
            yield from _faults_of_action(button)
        for sub in below:
            yield from _faults_of_name(sub, SUB_NAME_BYTES, "二级菜单")
            yield from _faults_of_action(sub)


def _faults_of_name(button: Mapping[str, Any], most: int, which: str) -> Iterator[str]:
    name = str(button.get("name", ""))
    if not name.strip():
        yield f"{which}缺少名称"
    elif _size(name) > most:
        yield f"{which}“{name}”的名称有 {_size(name)} 字节，最多 {most} 字节（一个汉字 3 字节）"


def _faults_of_action(button: Mapping[str, Any]) -> Iterator[str]:
    name, kind = button.get("name"), button.get("type")
    if kind is None:
        yield f"“{name}”既没有类型，也没有二级菜单"
        return
    if kind not in _NEEDS:
        yield f"“{name}”的类型 {kind} 不支持，可用的有 {'、'.join(_NEEDS)}"
        return
    for needed in _NEEDS[kind]:
        if not button.get(needed):
            yield f"“{name}”缺少 {needed}"
    for field, most in (("key", KEY_BYTES), ("url", URL_BYTES)):
        if _size(str(button.get(field, ""))) > most:
            yield f"“{name}”的 {field} 超过 {most} 字节"


def _size(text: str) -> int:
    return len(text.encode())
