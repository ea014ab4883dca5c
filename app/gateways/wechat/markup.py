"""XML and JSON as WeChat speaks them: reading a body of either form, writing CDATA nothing escapes from."""

from typing import Any
from xml.parsers.expat import ExpatError

import orjson
import xmltodict

from app.gateways.wechat.errors import BadEnvelope


def parse_body(body: bytes) -> dict[str, Any]:
    """The fields of a pushed body, told XML from JSON by its first byte, since Content-Type lies.

    Raises BadEnvelope for anything that is not one flat element or object, entities included.
    """
    text = body.lstrip()
    try:
        if text[:1] == b"{":
            fields = orjson.loads(text)
        elif text[:1] == b"<":
            fields = xmltodict.parse(text).get("xml")
        else:
            raise BadEnvelope("neither XML nor JSON")
    except (ExpatError, ValueError, LookupError, RecursionError) as broken:
        raise BadEnvelope(f"cannot be parsed: {type(broken).__name__}") from None
    if not isinstance(fields, dict):
        raise BadEnvelope("no fields")
    return fields


def cdata(text: str) -> str:
    """A CDATA section; a ``]]>`` inside is split, or a text could end the section and add elements."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
