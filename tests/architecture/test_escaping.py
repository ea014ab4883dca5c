"""What people typed stays text: templates and scripts open markup in the places named here alone."""

import re
from collections.abc import Iterator

from jinja2 import Environment, nodes

from tests.architecture.test_house import ROOT

# Where markup comes in from outside a template: notices cleaned by nh3, and codes we drew ourselves.
_MARKUP = {
    ("app/console/templates/notice.html", "body"),
    ("app/console/templates/notice_form.html", "preview.body"),
    ("app/console/templates/staff_given.html", "code"),
    ("app/public_account/h5/templates/notice.html", "notice.body"),
    ("app/public_account/h5/templates/visit_parts.html", "code"),
}
_MADE_IN_CODE = {"app/kit/web/pages/speech.py"}
_SINKS = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|srcdoc)")


def test_templates_open_only_markup_that_is_known_to_be_clean() -> None:
    found = {
        (str(path.relative_to(ROOT)), told)
        for path in ROOT.glob("app/**/templates/*.html")
        for told in _opened(path.read_text(encoding="utf-8"))
    }
    assert found == _MARKUP


def test_no_template_turns_escaping_off() -> None:
    for path in ROOT.glob("app/**/templates/*.html"):
        assert "autoescape" not in path.read_text(encoding="utf-8"), path


def test_code_makes_markup_in_one_place() -> None:
    made = {
        str(path.relative_to(ROOT))
        for folder in ("app", "notifications", "miniprogram_api")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\bMarkup\(", path.read_text(encoding="utf-8"))
    }
    assert made == _MADE_IN_CODE


def test_scripts_put_no_text_into_a_page_as_markup() -> None:
    for path in ROOT.glob("app/**/static/*.js"):
        assert not _SINKS.search(path.read_text(encoding="utf-8")), path


def _opened(source: str) -> Iterator[str]:
    """What a template marks as safe, but for its own literals."""
    for one in Environment(autoescape=True).parse(source).find_all(nodes.Filter):
        if one.name == "safe" and not _is_literal(one.node):
            yield _spelt(one.node)


def _is_literal(node: object) -> bool:
    if isinstance(node, nodes.CondExpr):
        return _is_literal(node.expr1) and (node.expr2 is None or _is_literal(node.expr2))
    return isinstance(node, nodes.Const)


def _spelt(node: object) -> str:
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            return f"{_spelt(node.node)}.{node.attr}"
        case _:
            return repr(node)
