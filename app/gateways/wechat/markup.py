"""XML and JSON as WeChat speaks them: reading a body of either form, writing CDATA nothing escapes from."""

import json
from typing import Any, Final

import orjson

from app.gateways.wechat import elements
from app.gateways.wechat.errors import BadEnvelope

# A genuine body has some dozens; parsing is linear in them, and nobody has proved anything yet.
_MOST_TAGS: Final = 10_000


def parse_body(body: bytes) -> dict[str, Any]:
    """The fields of a pushed body, told XML from JSON by its first byte, since Content-Type lies.

    Both are read as UTF-8, whatever they declare. Raises BadEnvelope for anything that is not one
    element ``xml`` or one object; for entities, NUL characters and a name given twice, too.
    """
    text = body.lstrip()
    try:
        if text[:1] == b"{":
            fields = orjson.loads(text)
            # Two readers may disagree about a name given twice, and PostgreSQL takes no NUL.
            json.loads(text, object_pairs_hook=_each_once)
            if _has_nul(fields):
                raise BadEnvelope("a NUL character")
        elif text[:1] == b"<":
            if text.count(b"<") > _MOST_TAGS:
                raise BadEnvelope("too many elements")
            fields = elements.read(text)
        else:
            raise BadEnvelope("neither XML nor JSON")
    except (ValueError, LookupError, RecursionError) as broken:
        raise BadEnvelope(f"cannot be parsed: {type(broken).__name__}") from None
    if not isinstance(fields, dict):
        raise BadEnvelope("no fields")
    return fields


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name given twice")
    return dict(pairs)


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_nul, (*value, *value.values())))
    return any(map(_has_nul, value)) if isinstance(value, list) else "\0" in str(value)


def cdata(text: str) -> str:
    """A CDATA section; a ``]]>`` inside is split, or a text could end the section and add elements."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
