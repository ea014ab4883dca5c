"""Nothing is asked without a ground (SM-SHARE)."""

import pytest

from app.gateways.exchange import purposes
from app.gateways.exchange.purposes import GRANTS, Purpose, ShareRefused, Source


@pytest.mark.parametrize(("purpose", "source"), GRANTS)
def test_every_purpose_names_its_ground(purpose: Purpose, source: Source) -> None:
    grant = GRANTS[purpose, source]
    assert grant.basis
    assert grant.asks
    purposes.check(purpose, source, grant.asks, learns=grant.learns, has_consent=True)


def test_every_purpose_has_a_system() -> None:
    assert {purpose for purpose, _ in GRANTS} == set(Purpose)


@pytest.mark.parametrize(
    ("purpose", "source", "fields", "learns"),
    [
        (Purpose.REAL_NAME, Source.IDENTITY, ("name", "id_number", "phone"), ()),
        (Purpose.REAL_NAME, Source.CREDIT, ("uscc",), ()),
        (Purpose.A_LIST, Source.CREDIT, ("uscc",), ()),
        (Purpose.RATING, Source.CREDIT, ("uscc",), ("name",)),
        (Purpose.PREFILL, Source.LIBRARIES, ("library", "subject", "fields"), ("name", "phone")),
        (Purpose.CASE_REVIEW, Source.LIBRARIES, ("library", "subject", "fields"), ("birth_date",)),
    ],
)
def test_a_field_outside_its_purpose_is_refused(
    purpose: Purpose, source: Source, fields: tuple[str, ...], learns: tuple[str, ...]
) -> None:
    with pytest.raises(ShareRefused):
        purposes.check(purpose, source, fields, learns=learns, has_consent=True)


def test_a_wish_to_prefill_needs_the_person_s_consent() -> None:
    asked = ("library", "subject", "fields")
    purposes.check(Purpose.PREFILL, Source.LIBRARIES, asked, learns=("name",), has_consent=True)
    with pytest.raises(ShareRefused):
        purposes.check(Purpose.PREFILL, Source.LIBRARIES, asked, learns=("name",))
    purposes.check(Purpose.CASE_REVIEW, Source.LIBRARIES, asked, learns=("name",))
