"""The site of the public page: no session, no form that changes anything, the same for everybody."""

import re
from pathlib import Path
from typing import Final

from app.kit.web.pages import Site
from app.kit.web.pages.prints import Freshness

PREFIX: Final = "/open"

LIVE: Final = Freshness(kept_s=5, fresh_s=5)
"""Together with the network well below the fifteen seconds by which live figures may lag."""
MONTHLY: Final = Freshness(kept_s=60, fresh_s=300)
LISTED: Final = Freshness(kept_s=30, fresh_s=60)

# Nothing that a browser could read as another host, and nothing encoded that it could decode into it.
_PAGE: Final = re.compile(r"/open(?:/[0-9A-Za-z_-]+)*(?:\?[0-9A-Za-z_=&~.%+-]*)?")
_LONGEST_PAGE: Final = 600

site = Site(PREFIX, Path(__file__).parent)


def own_page(path: str) -> str:
    """A path if it is one of our own pages, else the first of them."""
    return path if len(path) <= _LONGEST_PAGE and _PAGE.fullmatch(path) else PREFIX
