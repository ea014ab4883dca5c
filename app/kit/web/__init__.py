"""Declaring a route once: its caller, limit, shapes and errors give handling, checks and OpenAPI."""

from app.kit.web import fields
from app.kit.web.callers import (
    ANYONE,
    CITIZEN,
    H5_CITIZEN,
    OPTIONAL_CITIZEN,
    OPTIONAL_H5_CITIZEN,
    PARTNER,
    STAFF,
    STAFF_PAGE,
    CallerKind,
    csrf_token,
    register_authenticator,
    register_signature_check,
    token_in_cookie,
)
from app.kit.web.docs import show_docs
from app.kit.web.etag import reply_with_etag
from app.kit.web.routes import Call, Limit, Route, Routes
from app.kit.web.schemas import Schema, page_of

__all__ = [
    "ANYONE",
    "CITIZEN",
    "H5_CITIZEN",
    "OPTIONAL_CITIZEN",
    "OPTIONAL_H5_CITIZEN",
    "PARTNER",
    "STAFF",
    "STAFF_PAGE",
    "Call",
    "CallerKind",
    "Limit",
    "Route",
    "Routes",
    "Schema",
    "csrf_token",
    "fields",
    "page_of",
    "register_authenticator",
    "register_signature_check",
    "reply_with_etag",
    "show_docs",
    "token_in_cookie",
]
