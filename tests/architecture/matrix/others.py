"""Who calls what is neither the mini-program's nor a page inside WeChat."""

from tests.architecture.matrix.callers import ANYONE, PARTNER

CALLERS = {
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
    # The public page is everybody's.
    ("GET", "/open"): ANYONE,
    ("GET", "/open/halls/<hall_id:int>"): ANYONE,
    ("GET", "/open/statistics"): ANYONE,
    ("GET", "/open/a-list"): ANYONE,
    ("GET", "/open/language"): ANYONE,
    ("GET", "/open/text-size"): ANYONE,
    ("GET", "/console/language"): ANYONE,
    ("GET", "/console/text-size"): ANYONE,
    # The desks; which role may open which door stands in tests/console/test_doors.py.
    ("GET", "/console/sign-in"): ANYONE,
    ("POST", "/console/sign-in"): ANYONE,
}
