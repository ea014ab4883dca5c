"""Every refusal has its own code and tells a person, in Chinese, what to do."""

import ast
import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import app
import miniprogram_api
import notifications
from app.kit.errors import Fault

ROOT = Path(app.__file__).parent.parent


def _import_everything() -> None:
    for package in (app, miniprogram_api, notifications):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith(("app.migrations.", "app.__main__")):
                importlib.import_module(found.name)


def faults() -> list[type[Fault]]:
    """Every kind of refusal that code can name."""
    _import_everything()

    def below(kind: type[Fault]) -> Iterator[type[Fault]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    found: set[type[Fault]] = {Fault, *below(Fault)}
    return [one for one in found if not one.__name__.startswith("_")]


def inline_codes() -> set[str]:
    """Codes given where a general refusal is raised: ``raise Refused("…", code="…")``."""
    kinds = {fault.__name__ for fault in faults()}
    found = set()
    for package in ("app", "miniprogram_api", "notifications"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds:
                    found |= {
                        keyword.value.value
                        for keyword in node.keywords
                        if keyword.arg == "code"
                        and isinstance(keyword.value, ast.Constant)
                        and isinstance(keyword.value.value, str)
                    }
    return found


def test_no_two_refusals_share_a_code() -> None:
    counted = Counter(fault.code for fault in faults())
    assert [code for code, count in counted.items() if count > 1] == []
    assert not inline_codes() & set(counted)


def test_every_refusal_has_a_code_of_its_own() -> None:
    assert [fault.__name__ for fault in faults() if "code" not in vars(fault)] == []


def test_codes_read_as_one_word_for_programs() -> None:
    codes = {fault.code for fault in faults()} | inline_codes()
    assert [code for code in codes if not code.replace("_", "").isalnum() or code != code.lower()] == []


def test_every_refusal_speaks_chinese() -> None:
    for fault in faults():
        assert len(fault.message) >= 4, fault
        assert not fault.message.isascii(), fault
        assert fault.message[-1] not in "。.!！", f"{fault} ends its message as the others do not"


def test_every_kind_of_refusal_has_one_status() -> None:
    assert {fault.status for fault in faults()} == {401, 403, 404, 409, 422, 429, 500, 503}
