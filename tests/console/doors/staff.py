"""The doors of staff accounts, sessions and the audit log."""

from tests.console.doors.roles import ADMINISTRATORS, AUDITOR, EVERYONE, SECURITY, table

DOORS = {
    **table("/console/staff/", ADMINISTRATORS),
    **table("/console/staff/posts", ADMINISTRATORS),
    ("GET", "/console/staff/new"): SECURITY,
    ("POST", "/console/staff/new"): SECURITY,
    ("GET", "/console/staff/<id:uuid>"): ADMINISTRATORS,
    ("POST", "/console/staff/<id:uuid>/appoint"): SECURITY,
    ("POST", "/console/staff/<id:uuid>/relieve"): SECURITY,
    ("POST", "/console/staff/<id:uuid>/dismiss"): SECURITY,
    ("POST", "/console/staff/<id:uuid>/unlock"): SECURITY,
    ("POST", "/console/staff/<id:uuid>/renew"): SECURITY,
    ("POST", "/console/staff/<id:uuid>/sessions/<session_id:uuid>/end"): SECURITY,
    ("GET", "/console/sessions/"): EVERYONE,
    ("POST", "/console/sessions/<session_id:uuid>/end"): EVERYONE,
    ("GET", "/console/audit/"): AUDITOR,
    ("POST", "/console/audit/verify"): AUDITOR,
    **table("/console/audit/records", AUDITOR),
}
