"""The site of the desks: whose session its forms are bound to, and where one signs in."""

import re
from pathlib import Path
from typing import Final

from app.console.navigation import desks_of
from app.kit.web import STAFF_PAGE
from app.kit.web.pages import Site

PREFIX: Final = "/console"
HOME: Final = f"{PREFIX}/"
SIGN_IN: Final = f"{PREFIX}/sign-in"
PASSWORD: Final = f"{PREFIX}/password"
SESSION_COOKIE: Final = STAFF_PAGE.cookie or ""

# Nothing that a browser could read as another host, and nothing encoded that it could decode into it.
_PAGE: Final = re.compile(r"/console/(?:[0-9A-Za-z_~-]+/)*[0-9A-Za-z_~-]*(?:\?[0-9A-Za-z_=&~.%-]*)?")
_LONGEST_PAGE: Final = 600

site = Site(PREFIX, Path(__file__).parent, session=STAFF_PAGE, sign_in=SIGN_IN, desks_of=desks_of)


def own_page(path: str) -> str:
    """A path if it is one of our own pages, else the first of them."""
    return path if len(path) <= _LONGEST_PAGE and _PAGE.fullmatch(path) else HOME
