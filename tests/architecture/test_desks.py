"""The document of desks says who works where."""

import re
from pathlib import Path

from app.console import navigation
from app.main import all_routes

_ROW = re.compile(r"^\| `(?P<desk>/console/[a-z]+)` \| .+ \| (?P<roles>[a-z_, ]+) \|$", re.MULTILINE)


def test_the_document_names_every_desk_with_its_roles() -> None:
    assert any(all_routes()), "importing them opens the desks"
    text = Path("docs/desks.md").read_text(encoding="utf-8")
    told = {row["desk"]: set(row["roles"].split(", ")) for row in _ROW.finditer(text)}
    assert told == {desk.prefix: {role.value for role in desk.roles} for desk in navigation._desks}
