"""The doors of the counter: clerks and the manager of the hall, both for their own halls only."""

from tests.console.doors.roles import COUNTER

DOORS = {
    ("GET", "/console/counter/"): COUNTER,
    ("GET", "/console/counter/<hall_id:int>"): COUNTER,
    ("GET", "/console/counter/<hall_id:int>/live"): COUNTER,
    ("POST", "/console/counter/<hall_id:int>/check-in"): COUNTER,
    ("POST", "/console/counter/<hall_id:int>/walk-ins"): COUNTER,
    ("POST", "/console/counter/<hall_id:int>/next"): COUNTER,
    ("POST", "/console/counter/<hall_id:int>/appointments/<id:uuid>/deeds"): COUNTER,
    ("GET", "/console/counter/<hall_id:int>/appointments/<id:uuid>"): COUNTER,
    ("POST", "/console/counter/<hall_id:int>/appointments/<id:uuid>/unmask"): COUNTER,
}
