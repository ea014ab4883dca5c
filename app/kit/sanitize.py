"""Rich text made harmless: what an announcement needs is kept, and nothing that runs, styles or spies."""

import html
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, Literal

import nh3

LONGEST: Final = 200_000
"""Signs of rich text that are looked at; whoever takes it in refuses more."""

DEEPEST: Final = 100
"""How many lists, quotations and sections may stand in one another; whoever takes it in refuses more."""

ATTACHMENT: Final = "attachment:"
"""Before the name of a file that comes with the text: the only source of a picture."""

_TAGS: Final = {
    "p", "br", "hr", "h2", "h3", "h4", "strong", "b", "em", "i", "u", "s", "sub", "sup", "blockquote", "ul",
    "ol", "li", "table", "caption", "thead", "tbody", "tr", "th", "td", "a", "img",
}  # fmt: skip
_ATTRIBUTES: Final = {
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
# What stands inside them is no text.
_DROPPED_WHOLE: Final = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "template",
    "noscript",
    "svg",
    "math",
}
_BLOCK: Final = re.compile(r"<(?=/?(?:p|br|hr|h[2-4]|blockquote|ul|ol|li|table|caption|tr|th|td|img)\b)")
# Each of these looks through all that it stands in: a hundred thousand in one another take seconds.
_NESTING: Final = re.compile(
    r"<(/?)(address|article|aside|blockquote|center|details|dialog|dir|div|dl|fieldset|figcaption|figure"
    r"|footer|header|hgroup|main|menu|nav|ol|search|section|summary|ul)\b"
)
_SMALL_NUMBER: Final = re.compile(r"[1-9][0-9]?")

# As they stand in a clean text: every value in double quotes, and none within.
_PICTURE: Final = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_SOURCE: Final = re.compile(rf' src="{ATTACHMENT}([^"]*)"')

Filter = Callable[[str, str, str], str | None]
"""Tag, attribute and value; answers the value to keep, or nothing."""


def clean(text: str) -> str:
    """Rich text with only allowed elements left; text without any markup becomes paragraphs."""
    if "<" not in text:
        lines = (line.strip() for line in html.unescape(text).splitlines())
        text = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
    return _PICTURE.sub(_told, _filtered(text, _kept)).strip()


def is_too_deep(text: str) -> bool:
    """Whether more than ``DEEPEST`` elements stand in one another; one that is never closed counts on."""
    is_open = Counter[str]()
    for closes, name in _NESTING.findall(text.lower()):
        if not closes:
            is_open[name] += 1
        elif is_open[name]:  # One that closes nothing is passed over.
            is_open[name] -= 1
        if is_open.total() > DEEPEST:
            return True
    return False


def plain(clean_text: str) -> str:
    """The words of a clean text in one line."""
    # A blank around each block, so that the last word of one is not joined to the next.
    bare = nh3.clean(_BLOCK.sub(" <", clean_text), tags=set(), clean_content_tags=_DROPPED_WHOLE)
    return " ".join(html.unescape(bare).split())


def attachments_in(clean_text: str) -> tuple[set[str], set[str]]:
    """The names of the files a text shows as pictures, and of those it leads to."""
    names: dict[str, set[str]] = {"img": set(), "a": set()}

    def note(tag: str, _: str, value: str) -> str:
        if tag in names and value.startswith(ATTACHMENT):
            names[tag].add(value.removeprefix(ATTACHMENT))
        return value

    _filtered(clean_text, note)
    return names["img"], names["a"]


def with_attachments(clean_text: str, addresses: Mapping[str, str]) -> str:
    """The text with the name of each file replaced by its address; one without an address is let go."""
    if ATTACHMENT not in clean_text:
        return clean_text

    def lead(_: str, name: str, value: str) -> str | None:
        if name in ("src", "href") and value.startswith(ATTACHMENT):
            return addresses.get(value.removeprefix(ATTACHMENT))
        return value

    # A clean text has no relative addresses: those that are there now are ours.
    return _filtered(clean_text, lead, relative="pass_through")


def _kept(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src":
        return value if value.startswith(ATTACHMENT) else None
    if name in ("colspan", "rowspan", "start"):
        return value if _SMALL_NUMBER.fullmatch(value) else None
    return value


def _told(picture: re.Match[str]) -> str:
    """A picture without words says its file's name to whoever cannot see it; one without a file goes."""
    source = _SOURCE.search(picture[1])
    if source is None:
        return ""
    if ' alt="' in picture[1]:
        return picture[0]
    return f'<img{picture[1]} alt="{source[1].rpartition(".")[0] or source[1]}">'


def _filtered(text: str, kept: Filter, *, relative: Literal["deny", "pass_through"] = "deny") -> str:
    return nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=kept,
        clean_content_tags=_DROPPED_WHOLE,
        url_schemes={"https", "http", "mailto", "tel", ATTACHMENT.rstrip(":")},
        url_relative=relative,
        link_rel="noopener noreferrer",
    )
