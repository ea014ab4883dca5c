"""The authorization matrix: who may call what. A route that is not in it fails."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from app.domain.accounts import staff, staffing
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit.ids import uuid7
from app.kit.web import Route
from app.main import all_routes
from tests.client import Client
from tests.factories.accounts import code_of
from tests.factories.cases import case_number

ANYONE, CITIZEN, H5_CITIZEN = "anyone", "citizen", "h5_citizen"
PARTNER = "partner"
STAFF_PAGE = "staff_page"
OPTIONAL_CITIZEN, OPTIONAL_H5_CITIZEN = "optional_citizen", "optional_h5_citizen"

MATRIX = {
    # The mini-program's session and the person.
    ("POST", "/api/v1/session"): ANYONE,
    ("DELETE", "/api/v1/session"): CITIZEN,
    ("PUT", "/api/v1/session/identity"): CITIZEN,
    ("GET", "/api/v1/me"): CITIZEN,
    ("DELETE", "/api/v1/me"): CITIZEN,
    ("GET", "/api/v1/me/export"): CITIZEN,
    ("PUT", "/api/v1/me/phone"): CITIZEN,
    ("PUT", "/api/v1/me/real-name"): CITIZEN,
    ("POST", "/api/v1/me/enterprises"): CITIZEN,
    ("DELETE", "/api/v1/me/enterprises/<binding_id:uuid>"): CITIZEN,
    ("GET", "/api/v1/me/consents"): CITIZEN,
    ("POST", "/api/v1/me/consents"): CITIZEN,
    ("GET", "/api/v1/me/booking-standing"): CITIZEN,
    ("POST", "/api/v1/me/booking-appeals"): CITIZEN,
    # Halls are public.
    ("GET", "/api/v1/regions"): ANYONE,
    ("GET", "/api/v1/halls"): ANYONE,
    ("GET", "/api/v1/halls/<hall_id:int>"): ANYONE,
    ("GET", "/api/v1/halls/<hall_id:int>/availability"): ANYONE,
    # Appointments.
    ("GET", "/api/v1/appointments"): CITIZEN,
    ("POST", "/api/v1/appointments"): CITIZEN,
    ("POST", "/api/v1/appointments/holds"): CITIZEN,
    ("DELETE", "/api/v1/appointments/holds/<hold_id:uuid>"): CITIZEN,
    ("GET", "/api/v1/appointments/<id:uuid>"): CITIZEN,
    ("POST", "/api/v1/appointments/<id:uuid>/cancel"): CITIZEN,
    ("POST", "/api/v1/appointments/<id:uuid>/reschedule"): CITIZEN,
    ("POST", "/api/v1/appointments/<id:uuid>/check-in"): CITIZEN,
    ("GET", "/api/v1/appointments/<id:uuid>/pass"): CITIZEN,
    ("GET", "/api/v1/appointments/<id:uuid>/pass.svg"): CITIZEN,
    ("GET", "/api/v1/appointments/<id:uuid>/calendar.ics"): CITIZEN,
    # Cases: one's own, or whoever knows the query code.
    ("GET", "/api/v1/cases"): CITIZEN,
    ("GET", "/api/v1/cases/<number:str>"): CITIZEN,
    ("POST", "/api/v1/cases/lookup"): ANYONE,
    ("POST", "/api/v1/cases/<number:str>/withdraw"): CITIZEN,
    ("POST", "/api/v1/cases/<number:str>/confirm-receipt"): CITIZEN,
    ("GET", "/api/v1/cases/followed"): CITIZEN,
    ("POST", "/api/v1/cases/<number:str>/follow"): CITIZEN,
    ("DELETE", "/api/v1/cases/<number:str>/follow"): CITIZEN,
    # Their papers; a document is checked by anybody who has its code.
    ("POST", "/api/v1/cases/<number:str>/materials"): CITIZEN,
    ("GET", "/api/v1/cases/<number:str>/materials"): CITIZEN,
    ("GET", "/api/v1/cases/<number:str>/materials/<id:uuid>/file"): CITIZEN,
    ("DELETE", "/api/v1/cases/<number:str>/materials/<id:uuid>"): CITIZEN,
    ("POST", "/api/v1/cases/<number:str>/supplement"): CITIZEN,
    ("GET", "/api/v1/cases/<number:str>/documents"): CITIZEN,
    ("GET", "/api/v1/cases/<number:str>/documents/<id:uuid>"): CITIZEN,
    ("GET", "/h5/verify"): ANYONE,
    # Invoices: the folder of whom the person acts for.
    ("POST", "/api/v1/invoices/verify"): CITIZEN,
    ("POST", "/api/v1/invoices/scan"): CITIZEN,
    ("GET", "/api/v1/invoices/kinds"): ANYONE,
    ("GET", "/api/v1/invoices"): CITIZEN,
    ("GET", "/api/v1/invoices/<id:uuid>"): CITIZEN,
    ("POST", "/api/v1/invoices/<id:uuid>/save"): CITIZEN,
    ("DELETE", "/api/v1/invoices/<id:uuid>"): CITIZEN,
    ("GET", "/api/v1/invoices/months"): CITIZEN,
    ("GET", "/api/v1/invoices/export.xlsx"): CITIZEN,
    ("GET", "/api/v1/invoices/export.pdf"): CITIZEN,
    ("GET", "/api/v1/invoices/queue"): CITIZEN,
    ("DELETE", "/api/v1/invoices/queue/<id:uuid>"): CITIZEN,
    ("POST", "/api/v1/invoices/batches"): CITIZEN,
    ("POST", "/api/v1/invoices/batches/file"): CITIZEN,
    ("GET", "/api/v1/invoices/batches"): CITIZEN,
    ("GET", "/api/v1/invoices/batches/<id:uuid>"): CITIZEN,
    ("GET", "/api/v1/invoices/batches/<id:uuid>/rows"): CITIZEN,
    ("POST", "/api/v1/invoices/batches/<id:uuid>/cancel"): CITIZEN,
    ("POST", "/api/v1/invoices/batches/<id:uuid>/retry"): CITIZEN,
    ("POST", "/api/v1/invoices/batches/<id:uuid>/save-all"): CITIZEN,
    # Credit ratings: one's own enterprises', and the public A list.
    ("GET", "/api/v1/credit-ratings"): CITIZEN,
    ("GET", "/api/v1/credit-ratings/a-list"): ANYONE,
    ("POST", "/api/v1/credit-ratings/what-if"): CITIZEN,
    ("GET", "/api/v1/credit-ratings/appeals"): CITIZEN,
    ("POST", "/api/v1/credit-ratings/appeals"): CITIZEN,
    # Certificates and prefills: of whom the person acts for.
    ("GET", "/api/v1/me/certificates"): CITIZEN,
    ("GET", "/api/v1/me/certificates/<id:uuid>"): CITIZEN,
    ("POST", "/api/v1/me/prefills"): CITIZEN,
    ("GET", "/api/v1/me/prefills"): CITIZEN,
    ("GET", "/api/v1/me/prefills/<id:uuid>"): CITIZEN,
    ("POST", "/api/v1/me/prefills/<id:uuid>/confirm"): CITIZEN,
    ("POST", "/api/v1/me/prefills/<id:uuid>/correct"): CITIZEN,
    # Messages.
    ("GET", "/api/v1/inbox"): CITIZEN,
    ("POST", "/api/v1/inbox/read-all"): CITIZEN,
    ("GET", "/api/v1/inbox/<id:uuid>"): CITIZEN,
    ("POST", "/api/v1/inbox/<id:uuid>/read"): CITIZEN,
    ("POST", "/api/v1/inbox/<id:uuid>/acknowledge"): CITIZEN,
    ("GET", "/api/v1/inbox/<id:uuid>/receipt"): CITIZEN,
    ("GET", "/api/v1/message-preferences"): CITIZEN,
    ("PUT", "/api/v1/message-preferences"): CITIZEN,
    ("GET", "/api/v1/subscriptions/templates"): CITIZEN,
    ("POST", "/api/v1/subscriptions"): CITIZEN,
    # Notices are public; who is signed in also sees those of their groups.
    ("GET", "/api/v1/notices"): OPTIONAL_CITIZEN,
    ("GET", "/api/v1/notices/<notice_id:int>"): OPTIONAL_CITIZEN,
    ("GET", "/api/v1/notices/<notice_id:int>/attachments/<attachment_id:int>"): OPTIONAL_CITIZEN,
    ("GET", "/h5/notices"): OPTIONAL_H5_CITIZEN,
    ("GET", "/h5/notices/<notice_id:int>"): OPTIONAL_H5_CITIZEN,
    ("GET", "/h5/notices/<notice_id:int>/attachments/<attachment_id:int>"): OPTIONAL_H5_CITIZEN,
    # Scanned codes, posters, and going on in another channel.
    ("GET", "/api/v1/scenes"): ANYONE,
    ("GET", "/api/v1/halls/<hall_id:int>/poster"): ANYONE,
    ("POST", "/api/v1/handoffs"): CITIZEN,
    # The pages inside WeChat: a cookie brings the citizen, and forms carry a CSRF token.
    ("GET", "/h5/"): H5_CITIZEN,
    ("GET", "/h5/slots/<slot_id:int>"): H5_CITIZEN,
    ("POST", "/h5/slots/<slot_id:int>"): H5_CITIZEN,
    ("GET", "/h5/appointments/<id:uuid>"): H5_CITIZEN,
    ("GET", "/h5/appointments/<id:uuid>/code"): H5_CITIZEN,
    ("POST", "/h5/appointments/<id:uuid>/cancel"): H5_CITIZEN,
    ("GET", "/h5/inbox"): H5_CITIZEN,
    ("POST", "/h5/inbox/read-all"): H5_CITIZEN,
    ("GET", "/h5/inbox/<id:uuid>"): H5_CITIZEN,
    ("POST", "/h5/inbox/<id:uuid>/acknowledge"): H5_CITIZEN,
    ("POST", "/h5/sign-out"): H5_CITIZEN,
    ("GET", "/h5/sign-in"): ANYONE,
    ("GET", "/h5/authorized"): ANYONE,
    ("GET", "/h5/handoff/<token:str>"): ANYONE,
    ("GET", "/h5/halls"): ANYONE,
    ("GET", "/h5/halls/<hall_id:int>"): ANYONE,
    ("GET", "/h5/guides"): ANYONE,
    ("GET", "/h5/guides/<guide_id:int>"): ANYONE,
    ("GET", "/h5/s/<short:str>"): ANYONE,
    ("GET", "/h5/js-sdk"): ANYONE,
    # WeChat's own calls prove themselves by their signature.
    ("GET", "/wechat/oa"): ANYONE,
    ("POST", "/wechat/oa"): ANYONE,
    ("GET", "/wechat/mp"): ANYONE,
    ("POST", "/wechat/mp"): ANYONE,
    ("GET", "/wechat/oa/<appid:str>"): ANYONE,
    ("POST", "/wechat/oa/<appid:str>"): ANYONE,
    ("GET", "/wechat/mp/<appid:str>"): ANYONE,
    ("POST", "/wechat/mp/<appid:str>"): ANYONE,
    # Department systems sign each request; what they may push is judged row by row.
    ("POST", "/partner/v1/messages"): PARTNER,
    ("GET", "/partner/v1/messages/<sequence:int>"): PARTNER,
    ("GET", "/partner/v1/status"): PARTNER,
    # What one may relay stands in its registration.
    ("POST", "/partner/v1/library-records"): PARTNER,
    ("GET", "/partner/openapi.json"): ANYONE,
    ("GET", "/partner/docs"): ANYONE,
    ("GET", "/partner/docs/start.js"): ANYONE,
    # The server about itself; the proxy keeps the first three inside.
    ("GET", "/healthz"): ANYONE,
    ("GET", "/readyz"): ANYONE,
    ("GET", "/metrics"): ANYONE,
    ("GET", "/openapi.json"): ANYONE,
    ("GET", "/docs"): ANYONE,
    ("GET", "/docs/start.js"): ANYONE,
    # How somebody likes to read.
    ("GET", "/h5/language"): ANYONE,
    ("GET", "/h5/text-size"): ANYONE,
    ("GET", "/console/language"): ANYONE,
    ("GET", "/console/text-size"): ANYONE,
    # The desks; which role may open which door stands in tests/console/test_doors.py.
    ("GET", "/console/sign-in"): ANYONE,
    ("POST", "/console/sign-in"): ANYONE,
    ("POST", "/console/sign-out"): STAFF_PAGE,
    ("GET", "/console/password"): STAFF_PAGE,
    ("POST", "/console/password"): STAFF_PAGE,
    ("GET", "/console/"): STAFF_PAGE,
    ("GET", "/console/audit/"): STAFF_PAGE,
    ("POST", "/console/audit/verify"): STAFF_PAGE,
    ("GET", "/console/audit/records"): STAFF_PAGE,
    ("GET", "/console/audit/records.csv"): STAFF_PAGE,
    ("GET", "/console/audit/records.xlsx"): STAFF_PAGE,
}

ROUTES = list(all_routes())
FOR_CITIZENS = [route for route in ROUTES if route.caller.name == CITIZEN]


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_every_route_is_in_the_matrix_and_keeps_to_it() -> None:
    assert {(route.method, route.path): route.caller.name for route in ROUTES} == MATRIX


@pytest.fixture
async def staff_token(client: Client) -> str:
    """A token that is good, but for the console."""
    given = await staffing.hire("clerk", "前台", Post(StaffRole.CLERK))
    signed = await staff.sign_in(given.username, given.password, code_of(given.totp_uri), address="127.0.0.1")
    return signed.token


def with_ids(path: str, ids: Mapping[str, Any]) -> str:
    return re.sub(r"<(\w+):\w+>", lambda found: str(ids[found[1]]), path)


async def test_without_a_citizens_token_nobody_gets_in(client: Client, staff_token: str) -> None:
    ended = await client.log_in("lisi")
    await client.delete("/api/v1/session", token=ended)
    for route in FOR_CITIZENS:
        ids = {"id": uuid7(), "hold_id": uuid7(), "binding_id": uuid7(), "number": case_number()}
        path = with_ids(route.path, ids)
        for token in (None, "garbage", "A" * 43, staff_token, ended):
            answer = await client(route.method, path, token=token, json={})
            assert answer.status == 401, (named(route), token)
            assert answer.headers["content-type"] == "application/problem+json"
