"""The doors of the desks of cases: look-ups, papers, special procedures, findings."""

from tests.console.doors.roles import (
    CASE_READERS,
    CLERK,
    COUNTER,
    HALL_MANAGER,
    RATING_READERS,
    SUPERVISOR,
    table,
)

DOORS = {
    ("GET", "/console/lookups/"): CASE_READERS,
    ("POST", "/console/lookups/cases"): CASE_READERS,
    ("GET", "/console/lookups/cases/<number:str>"): CASE_READERS,
    ("POST", "/console/lookups/cases/<number:str>/unmask"): CASE_READERS,
    ("GET", "/console/lookups/ratings"): RATING_READERS,
    ("POST", "/console/lookups/ratings"): RATING_READERS,
    **table("/console/materials/", CLERK),
    ("GET", "/console/materials/<id:uuid>"): CLERK,
    ("POST", "/console/materials/<id:uuid>/file"): CLERK,
    ("POST", "/console/materials/<id:uuid>/approve"): CLERK,
    ("POST", "/console/materials/<id:uuid>/reject"): CLERK,
    **table("/console/specials/", COUNTER),
    ("GET", "/console/specials/new"): CLERK,
    ("POST", "/console/specials/new"): CLERK,
    ("GET", "/console/specials/<id:int>"): COUNTER,
    ("POST", "/console/specials/<id:int>/approve"): HALL_MANAGER,
    ("POST", "/console/specials/<id:int>/refuse"): HALL_MANAGER,
    ("POST", "/console/specials/<id:int>/finish"): CLERK,
    ("POST", "/console/specials/<id:int>/cancel"): COUNTER,
    ("POST", "/console/specials/<id:int>/begin"): CLERK,
    ("GET", "/console/findings/"): SUPERVISOR,
    **table("/console/findings/records", SUPERVISOR),
    **table("/console/findings/late-cases", SUPERVISOR),
    **table("/console/findings/late-specials", SUPERVISOR),
}
