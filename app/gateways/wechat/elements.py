"""XML as WeChat pushes it, read into plain mappings by expat alone, and nothing read that WeChat never sends.

A document type is refused before anything of it is believed, so there are no entities to expand. This is
the first thing that happens to a stranger's bytes, and it happens to every message twice.
"""

from typing import Any, Final
from xml.parsers import expat

_DEEPEST: Final = 12


class BadXml(ValueError):
    """Not the XML of a push."""


def read(body: bytes) -> dict[str, Any] | None:
    """The elements below a root ``xml``, by name, read as UTF-8; ``None`` if there are none.

    An element holding others is a mapping, one named more than once a list, an empty one ``None``; of a
    text the white space around it is cut. Attributes mean nothing. Raises BadXml.
    """
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.texts.append
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003  The parser's own signature.
    except expat.ExpatError as broken:
        raise BadXml(expat.errors.messages.get(broken.code, "broken")) from None
    return reader.root


class _Reader:
    """What has been read so far: the open elements, each with the children it has had."""

    __slots__ = ("open", "root", "texts")

    def __init__(self) -> None:
        self.open: list[dict[str, Any] | None] = []
        self.texts: list[str] = []
        self.root: dict[str, Any] | None = None

    def start(self, *_: object) -> None:
        if len(self.open) >= _DEEPEST:
            raise BadXml("too deep")
        self.open.append(None)
        if self.texts:
            self.texts.clear()

    def end(self, name: str) -> None:
        children = self.open.pop()
        value: Any = children if children is not None else "".join(self.texts).strip() or None
        if self.texts:
            self.texts.clear()
        if not self.open:
            self.root = children if name == "xml" else None
            return
        siblings = self.open[-1]
        if siblings is None:
            self.open[-1] = {name: value}
        elif name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

    def refuse(self, *_: object) -> None:
        raise BadXml("a document type")
