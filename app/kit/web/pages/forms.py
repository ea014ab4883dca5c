"""What the forms of all pages have in common, whatever they ask."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from app.kit.web.schemas import Schema


class Nothing(Schema):
    """A form with nothing but its button and its CSRF token."""


class Form(Schema):
    """A form, or the query one makes: a field left empty counts as not filled in."""

    @ma.pre_load
    def leave_out_empty(self, said: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """A browser sends every field, also those left empty."""
        return {name: value for name, value in said.items() if value not in ("", [""])}
