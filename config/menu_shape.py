"""What ``menus.toml`` must look like, place by place; ``menus`` reads it once this finds no fault."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, get_args

Kind = Literal["mini_program", "page", "click"]
Level = Literal["anyone", "wx_bound", "realname_l1", "enterprise"]

GROUP_CODES: Final = ("visitor", "natural_person", "enterprise_agent", "legal_representative")
"""The taxpayer groups the accounts area has rules for."""

PAGES_FROM: Final = "/h5/"

_TEXTS: Final = ("code", "category", "name", "kind", "target", "level")
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TAG_BYTES: Final = 30  # WeChat's limit on the name of a tag.


def faults(given: Mapping[str, Any]) -> Iterator[str]:
    """Every fault of the whole list, in words; nothing if it can be read."""
    extra = sorted(set(given) - {"pages", "categories", "functions", "groups"})
    if extra:
        yield f"不认识的内容：{'、'.join(extra)}"
    wrong = list(_faults_of_types(given))
    if wrong:
        yield from wrong
        return
    categories, functions = _tables(given.get("categories")), _tables(given.get("functions"))
    if not categories or not functions:
        yield "缺少默认菜单：categories 至少要有一个一级菜单，functions 至少要有一项功能"
        return
    yield from _faults_of_categories(categories)
    known, pages = {table.get("code") for table in categories}, given.get("pages", ())
    for table in functions:
        where = table.get("code") or table.get("name") or "?"
        for fault in (*_faults_of_function(table, known), *_faults_of_target(table, pages)):
            yield f"{where}: {fault}"
    yield from (f"功能编码 {code} 重复" for code in _repeated(table.get("code") for table in functions))
    groups = given.get("groups")
    yield from _faults_of_groups(
        groups if isinstance(groups, dict) else {}, {table.get("code") for table in functions}
    )


def _faults_of_types(given: Mapping[str, Any]) -> Iterator[str]:
    """What is no text where one belongs; all that follows counts and compares texts."""
    if not _are_texts(given.get("pages", [])):
        yield "pages 应为文字列表"
    for listed in ("categories", "functions"):
        for number, table in enumerate(_tables(given.get(listed)), 1):
            no_texts = (name for name in (*_TEXTS, "way_out") if not isinstance(table.get(name, ""), str))
            yield from (f"{listed} 第 {number} 项的 {name} 应为文字" for name in no_texts)
    groups = given.get("groups")
    for code, table in groups.items() if isinstance(groups, dict) else ():
        if not isinstance(table, dict):
            continue
        if not isinstance(table.get("name", ""), str):
            yield f"分组 {code} 的 name 应为文字"
        no_lists = (name for name in ("first", "without") if not _are_texts(table.get(name, [])))
        yield from (f"分组 {code} 的 {name} 应为文字列表" for name in no_lists)


def _faults_of_categories(categories: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for table in categories:
        if set(table) != {"code", "name"} or not all(isinstance(value, str) for value in table.values()):
            yield "categories 的每一项应有 code 和 name"
    yield from (f"一级菜单编码 {code} 重复" for code in _repeated(table.get("code") for table in categories))


def _faults_of_function(table: Mapping[str, Any], categories: set[object]) -> Iterator[str]:
    yield from (f"{name} 必填" for name in _TEXTS if not _is_text(table.get(name)))
    extra = sorted(set(table) - {*_TEXTS, "is_open", "way_out"})
    if extra:
        yield f"不认识的内容：{'、'.join(extra)}"
    if not _CODE.fullmatch(str(table.get("code"))):
        yield "code 应以小写字母开头，只含小写字母、数字和下划线，最多 40 位"
    if table.get("category") not in categories:
        yield f"没有一级菜单 {table.get('category')}"
    for name, allowed in (("kind", get_args(Kind)), ("level", get_args(Level))):
        if table.get(name) not in allowed:
            yield f"{name} 应为 {'、'.join(allowed)} 之一"
    if not isinstance(table.get("is_open"), bool):
        yield "is_open 应为 true 或 false"
    elif not table["is_open"] and not _is_text(table.get("way_out")):
        yield "未开通的功能要写明 way_out"


def _faults_of_target(table: Mapping[str, Any], pages: Sequence[str]) -> Iterator[str]:
    target = str(table.get("target"))
    if table.get("kind") == "mini_program" and target.partition("?")[0] not in pages:
        yield f"小程序没有页面 {target}"
    if table.get("kind") == "page" and not target.startswith(PAGES_FROM):
        yield f"网页路径应以 {PAGES_FROM} 开头"


def _faults_of_groups(groups: Mapping[str, Any], functions: set[object]) -> Iterator[str]:
    if set(groups) != set(GROUP_CODES):
        yield f"分组应恰好有 {'、'.join(GROUP_CODES)}"
    names = [table.get("name") for table in groups.values() if isinstance(table, dict)]
    yield from (f"分组名称 {name} 重复" for name in _repeated(names))
    for code, table in groups.items():
        if not isinstance(table, dict) or not _is_text(table.get("name")):
            yield f"分组 {code} 缺少 name"
            continue
        if set(table) - {"name", "first", "without"}:
            yield f"分组 {code} 只可有 name、first 和 without"
        if len(table["name"].encode()) > _TAG_BYTES:
            yield f"分组 {code} 的名称最多 {_TAG_BYTES} 字节"
        for named in (*table.get("first", ()), *table.get("without", ())):
            if named not in functions:
                yield f"分组 {code}: 没有功能 {named}"


def _tables(value: object) -> list[dict[str, Any]]:
    return value if isinstance(value, list) and all(isinstance(one, dict) for one in value) else []


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _repeated(values: Iterable[object]) -> list[object]:
    return [value for value, times in Counter(values).items() if value is not None and times > 1]
