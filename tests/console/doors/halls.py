"""The doors of the desk of halls: its managers' and the administrator's, some the administrator's alone."""

from tests.console.doors.roles import HALL_KEEPERS, SYSTEM

_HALL = "/console/halls/<hall_id:int>"
_TABLES = (
    "/console/halls/list", "/console/halls/conflicts", "/console/halls/bans", "/console/halls/appeals",
    f"{_HALL}/appointments", f"{_HALL}/no-shows",
)  # fmt: skip
_FORMS = (
    "/console/halls/conflicts/<conflict_id:int>",
    "/console/halls/bans/<ban_id:int>",
    "/console/halls/appeals/<id:uuid>",
    f"{_HALL}/hours",
    f"{_HALL}/days",
    f"{_HALL}/days/<on:str>/drop",
    f"{_HALL}/blackouts",
    f"{_HALL}/blackouts/<blackout_id:int>/drop",
    f"{_HALL}/close",
    f"{_HALL}/reopen",
    f"{_HALL}/plate",
    f"{_HALL}/businesses/<code:str>",
    f"{_HALL}/counters/new",
    f"{_HALL}/counters/<counter_id:int>",
    f"{_HALL}/rules",
)
_EVERYWHERE = "/console/halls/everywhere"
_ADMINS_FORMS = (
    "/console/halls/new",
    "/console/halls/calendar/notice",
    f"{_EVERYWHERE}/blackouts",
    f"{_EVERYWHERE}/blackouts/<blackout_id:int>/drop",
)

DOORS = {
    ("GET", "/console/halls/"): HALL_KEEPERS,
    ("GET", "/console/halls/calendar"): HALL_KEEPERS,
    ("GET", _HALL): HALL_KEEPERS,
    ("GET", _EVERYWHERE): SYSTEM,
    **{("GET", f"{path}{ending}"): HALL_KEEPERS for path in _TABLES for ending in ("", ".csv", ".xlsx")},
    **{(method, path): HALL_KEEPERS for path in _FORMS for method in ("GET", "POST")},
    **{(method, path): SYSTEM for path in _ADMINS_FORMS for method in ("GET", "POST")},
}
