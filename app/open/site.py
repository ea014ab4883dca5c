"""The site of the public page: no session, no form that changes anything, the same for everybody."""

import re
from pathlib import Path
from typing import Final

from app.kit.web.pages import Site

PREFIX: Final = "/open"

# Nothing that a browser could read as another host, and nothing encoded that it could decode into it.
_PAGE: Final = re.compile(r"/open(?:/[0-9A-Za-z_-]+)*(?:\?[0-9A-Za-z_=&~.%+-]*)?")
_LONGEST_PAGE: Final = 600

site = Site(PREFIX, Path(__file__).parent)


def own_page(path: str) -> str:
    """A path if it is one of our own pages, else the first of them."""
    return path if len(path) <= _LONGEST_PAGE and _PAGE.fullmatch(path) else PREFIX
