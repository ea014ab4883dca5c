"""Who reads the pages, where they begin and how far they go."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.accounts.models import StaffRole


@dataclass(frozen=True)
class Way:
    """A reader's first pages, and the face they stay in."""

    within: str
    starts: tuple[str, ...]


CITIZENS: Mapping[str, Way] = {
    "ann": Way("/h5", ("/h5/",)),
    "agent of A": Way("/h5", ("/h5/",)),
    "nobody": Way("/h5", ("/h5/halls", "/h5/privacy/declined", "/h5/guides?q=代开发票")),
    "nobody at a desk": Way("/console", ("/console/sign-in",)),
    "nobody in public": Way("/open", ("/open",)),
}
STAFF: Mapping[str, Way] = {f"staff:{role.value}": Way("/console", ("/console/",)) for role in StaffRole}
READERS = {**CITIZENS, **STAFF}
"""People of the town, staff by their role, and nobody, who is not signed in."""

UNSEEN: Mapping[str, str] = {
    **{
        f"{face}/{page}": "changes how all pages look, and leads back to where one was"
        for face in ("/h5", "/console", "/open")
        for page in ("language", "text-size")
    },
    "/h5/authorized": "WeChat sends people here",
    "/h5/handoff/<token:str>": "the mini-program sends people here",
    "/h5/s/<short:str>": "messages lead here",
    "/console/campaigns/<campaign_id:int>/report": "of a campaign that has run, see tests/browser",
}
"""Pages that no walk reaches, by their route, and why."""
