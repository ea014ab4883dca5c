"""Whoever reads our pages finds no link that leads nowhere, nothing that breaks, and nothing that bites."""

import re

import pytest

from app.kit.web.pages import HTML
from app.main import all_routes
from tests.survey.conftest import Reader
from tests.survey.crawling import Visit, Walk, inline_in, pattern_of, walk
from tests.survey.readers import READERS, UNSEEN

# What the harmful text of the house would be where a page let it live.
_ALIVE = re.compile(r"<script>alert|<img src=x|onerror=alert\(2\)>|href=.javascript:", re.IGNORECASE)
_RECKONED = "onerror=alert(2)&gt;49"


def faults(who: str, done: Walk) -> list[str]:
    """What is wrong with the pages that somebody reached."""
    found = []
    for visit in done.visits:
        where = f"{who}: {visit.address} from {visit.came_from}"
        if visit.page.status >= 400:
            found.append(f"{visit.page.status} {where}")
        if visit.is_page and (_ALIVE.search(visit.page.text) or _RECKONED in visit.page.text):
            found.append(f"harm {where}")
        if visit.is_page:
            found += [f"{what} {where}" for what in unguarded(visit)]
    return found


def unguarded(visit: Visit) -> list[str]:
    """What a page leaves open to scripts of others and to frames."""
    policy = visit.page.headers.get("content-security-policy", "")
    rules = dict(one.strip().partition(" ")[::2] for one in policy.split(";"))
    # Locally the sandbox's phone shows the citizen's pages inside itself.
    framed_by = "http://" if visit.address.startswith("/h5") else "'none'"
    told = {
        "loads from elsewhere": rules.get("default-src") == "'none'" and rules.get("script-src") == "'self'",
        "stands in any frame": rules.get("frame-ancestors", "").startswith(framed_by),
        "allows what is inline": "unsafe" not in policy,
        "may be taken for a script": visit.page.headers.get("x-content-type-options") == "nosniff",
        "says where it was read": visit.page.headers.get("referrer-policy") == "no-referrer",
        "has a script or style in itself": not inline_in(visit.page.text),
    }
    return [what for what, is_kept in told.items() if not is_kept]


@pytest.mark.timeout(400)
async def test_no_link_is_dead_nothing_breaks_and_no_text_bites(reader: Reader) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    for who, way in READERS.items():
        done = await walk(await reader(who), *way.starts, within=way.within)
        wrong += faults(who, done)
        seen |= {pattern_of(visit.address) for visit in done.visits}
    assert not wrong, "\n".join(wrong)
    faces = tuple({way.within for way in READERS.values()})
    pages = {
        route.path for route in all_routes()
        if route.method == "GET" and route.produces == HTML and route.path.startswith(faces)
    }  # fmt: skip
    assert pages - seen == set(UNSEEN), sorted(pages - seen)
