"""Whoever reads our pages finds no link that leads nowhere, nothing that breaks, and nothing that bites."""

import re

from app.kit.web.pages import HTML
from app.main import all_routes
from tests.survey.conftest import Reader
from tests.survey.crawling import Walk, pattern_of, walk
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
    return found


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
