"""XML is read as the well-known reader reads it, and what WeChat never sends is not read at all."""

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from app.gateways.wechat import elements
from app.gateways.wechat.elements import BadXml

_NAMES = st.sampled_from(["ToUserName", "Event", "List", "item", "MsgId"])
_TEXTS = st.text(
    st.characters(min_codepoint=32, exclude_characters="<>&]", exclude_categories=["Cs"]), max_size=20
)
_TREES = st.recursive(
    _TEXTS, lambda inner: st.lists(st.tuples(_NAMES, inner), min_size=1, max_size=4), max_leaves=12
)


def _written(tree: object) -> str:
    if isinstance(tree, str):
        return f"<![CDATA[{tree}]]>"
    return "".join(f"<{name}>{_written(inner)}</{name}>" for name, inner in tree)  # type: ignore[attr-defined]


@given(st.lists(st.tuples(_NAMES, _TREES), min_size=1, max_size=5))
def test_it_reads_what_xmltodict_reads(tree: object) -> None:
    body = f"<xml>{_written(tree)}</xml>".encode()
    assert elements.read(body) == xmltodict.parse(body)["xml"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"<xml>",
        b"<xml></xml><xml></xml>",
        b"<xml>&e;</xml>",
        b"<xml>\x00</xml>",
        b"<xml>\xff</xml>",
        b"<!DOCTYPE xml><xml/>",
        b'<!DOCTYPE x [<!ENTITY e "e">]><xml><a>&e;</a></xml>',
        b"<xml>" * 13 + b"</xml>" * 13,
    ],
)
def test_everything_else_is_refused(body: bytes) -> None:
    with pytest.raises(BadXml):
        elements.read(body)


def test_another_root_holds_nothing() -> None:
    assert elements.read(b"<html><a>1</a></html>") is None
    assert elements.read(b"<xml>text</xml>") is None
