"""A crawler that follows every link its reader is shown, as far as the pages of one face go."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from app.kit.web import Route
from app.main import all_routes
from tests.public_account.h5.conftest import Browser, Page

_EACH = 4
"""So many pages of one route are looked at: the next customer's looks like the last one's."""
_PLACES = {"int": "[0-9]+", "uuid": "[0-9a-f-]{36}", "str": "[^/]+"}


@dataclass
class Visit:
    """A page that was reached, and from where."""

    address: str
    came_from: str
    page: Page

    @property
    def is_page(self) -> bool:
        """Not a file, and not a part of a page."""
        return "<html" in self.page.text and "text/html" in self.page.headers.get("content-type", "")


@dataclass
class Walk:
    """All that one reader reached."""

    visits: list[Visit] = field(default_factory=list)

    def first_of_each(self) -> dict[str, Visit]:
        """One page of each route, by its pattern."""
        found: dict[str, Visit] = {}
        for visit in self.visits:
            found.setdefault(pattern_of(visit.address), visit)
        return found


async def walk(browser: Browser, *starts: str, within: str) -> Walk:
    """Follow links from these pages; those that leave ``within`` are somebody else's."""
    done, waiting, seen = Walk(), [(start, "") for start in starts], set(starts)
    taken: dict[str, int] = defaultdict(int)
    while waiting:
        address, came_from = waiting.pop(0)
        page = await browser.get(address)
        done.visits.append(Visit(address, came_from, page))
        if page.status in (301, 302, 303, 307, 308):
            links = [page.location]
        else:
            links = links_in(page.text) if "text/html" in page.headers.get("content-type", "") else []
        for link in links:
            target = urldefrag(urljoin(address, link)).url
            parts = urlsplit(target)
            if parts.scheme or parts.netloc or target in seen or not parts.path.startswith(within):
                continue
            # These change how all pages that follow look.
            if parts.path.endswith(("/language", "/text-size")):
                continue
            seen.add(target)
            kind = pattern_of(target) + "?" * bool(parts.query)
            if taken[kind] < _EACH:
                taken[kind] += 1
                waiting.append((target, address))
    return done


def pattern_of(address: str) -> str:
    """The route an address belongs to; the address itself where no route answers."""
    path = urlsplit(address).path
    return next((route.path for route, shape in _shapes() if shape.fullmatch(path)), path)


@cache
def _shapes() -> list[tuple[Route, re.Pattern[str]]]:
    """Routes that are read, those without a place in their path first, as the router takes them."""

    def shape(route: Route) -> re.Pattern[str]:
        parts = re.split(r"<\w+:(\w+)>", route.path)
        return re.compile("".join(_PLACES[one] if n % 2 else re.escape(one) for n, one in enumerate(parts)))

    routes = sorted((one for one in all_routes() if one.method == "GET"), key=lambda one: "<" in one.path)
    return [(one, shape(one)) for one in routes]


class _Tags(HTMLParser):
    """Where a page leads and what it loads; and what is written into it that belongs into files."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"a": ("href",), "link": ("href",), "script": ("src",), "img": ("src",)}.get(tag, ())
        self.links += [value for name, value in attrs if value and name in (*wanted, "hx-get")]
        self.inline += [name for name, _ in attrs if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in dict(attrs)):
            self.inline.append(tag)


def links_in(html: str) -> list[str]:
    """Where a page leads, and what it loads."""
    return _tags(html).links


def inline_in(html: str) -> list[str]:
    """Scripts and styles that stand in a page itself."""
    return _tags(html).inline


def _tags(html: str) -> _Tags:
    reader = _Tags()
    reader.feed(html)
    return reader
