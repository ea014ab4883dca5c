"""What is known of WeChat's paths: which need no token, which give files, which may be called twice."""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

STABLE_TOKEN: Final = "/cgi-bin/stable_token"  # noqa: S105  A path.
TICKET: Final = "/cgi-bin/ticket/getticket"

_WITHOUT_TOKEN: Final = ("/sns/", "/cgi-bin/token", STABLE_TOKEN)

_FILES: Final = (
    "/cgi-bin/media/get",
    "/cgi-bin/material/get_material",
    "/cgi-bin/wxaapp/createwxaqrcode",
    "/wxa/getwxacode",
    "/wxa/get_qrcode",
)

# POSTs that only read, or that make something what it already is.
_REPEATABLE: Final = frozenset(
    {
        STABLE_TOKEN,
        "/cgi-bin/menu/create",
        "/cgi-bin/menu/trymatch",
        "/cgi-bin/message/mass/get",
        "/cgi-bin/openapi/quota/get",
        "/cgi-bin/tags/getidlist",
        "/cgi-bin/tags/members/batchtagging",
        "/cgi-bin/tags/members/batchuntagging",
        "/cgi-bin/user/info/batchget",
        "/cgi-bin/user/tag/get",
        "/wxa/generate_urllink",
        "/wxa/getwxacodeunlimit",
        "/wxa/msg_sec_check",
    }
)


@lru_cache(maxsize=1024)
def path_of(url: str) -> str:
    """The path of an address, which is all of it that may be shown."""
    return "/" + urlsplit(url).path.lstrip("/")


@lru_cache(maxsize=1024)
def needs_token(path: str) -> bool:
    """Whether calls to this path carry the access token."""
    return not path.startswith(_WITHOUT_TOKEN)


@lru_cache(maxsize=1024)
def gives_file(path: str) -> bool:
    """Whether an answer of this path may be a picture or media instead of JSON."""
    return path.startswith(_FILES)


def is_repeatable(path: str) -> bool:
    """Whether a POST to this path may be made twice without harm."""
    return path in _REPEATABLE
