"""Electronic certificates, what the state already knows, and objections to it, with what they forbid."""

from uuid import uuid4

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from app.domain.certificates.models import HolderKind, State, Status, Trust
from app.domain.partners.kinds import MessageKind
from app.domain.sharing.models import ObjectionState, Occasion, ShareState
from app.gateways.exchange import Library
from app.kit import guards

INDEXES = {
    "certificate_version_once": "UNIQUE INDEX {} ON certificate (line_hash, version)",
    "certificate_newest_once": "UNIQUE INDEX {} ON certificate (line_hash) WHERE state <> 'replaced'",
    "certificate_of_holder": "INDEX {} ON certificate (holder_hash, id DESC) WHERE state <> 'replaced'",
    "certificate_beginning": "INDEX {} ON certificate (valid_from) WHERE state = 'verified'",
    "certificate_ending": "INDEX {} ON certificate (valid_until) WHERE state IN ('valid', 'expiring')",
    "share_request_of_person": "INDEX {} ON share_request (person_id, id DESC)",
    "share_request_lapsing": "INDEX {} ON share_request (lapses_at) WHERE facts_sealed IS NOT NULL",
    "share_request_under_way": "INDEX {} ON share_request (asked_at) WHERE state = 'authorised'",
    "share_request_old": "INDEX {} ON share_request (asked_at)",
    "share_objection_open": "INDEX {} ON share_objection (due_on) WHERE state = 'open'",
}

_LIBRARIES = "library IN ('population', 'legal_persons', 'credit', 'certificates')"
_TOLD = "state IN ('hit', 'prefilled', 'confirmed', 'corrected')"

CHECKS = {
    ("certificate", "certificate_state"): (
        "state IN ('ingested', 'verified', 'valid', 'expiring', 'expired', 'revoked', 'replaced', 'locked')"
    ),
    ("certificate", "certificate_status"): "status IN ('valid', 'locked', 'revoked', 'cancelled')",
    ("certificate", "certificate_trust"): "trust IN ('A', 'B', 'C', 'D')",
    ("certificate", "certificate_holder"): "holder_kind IN ('person', 'enterprise')",
    ("certificate", "certificate_version"): "version BETWEEN 1 AND 999",
    ("certificate", "certificate_days"): "valid_until IS NULL OR valid_until >= valid_from",
    # The issuer's word goes before every date, and nobody vouches for what is of level C or D.
    ("certificate", "certificate_word"): (
        "state = 'replaced' OR ((state = 'revoked') = (status IN ('revoked', 'cancelled'))"
        " AND (state = 'locked') = (status = 'locked'))"
    ),
    ("certificate", "certificate_vouched"): (
        "state IN ('replaced', 'revoked', 'locked') OR (state = 'ingested') = (trust IN ('C', 'D'))"
    ),
    ("share_request", "share_request_library"): _LIBRARIES,
    ("share_request", "share_request_occasion"): "occasion IN ('booking', 'application', 'supplement')",
    ("share_request", "share_request_state"): (
        "state IN ('requested', 'authorised', 'hit', 'miss', 'error', 'prefilled', 'confirmed', 'corrected')"
    ),
    # Nothing is asked without consent, and nothing is known that was not told.
    ("share_request", "share_request_consent"): "(state = 'requested') = (consent_version IS NULL)",
    ("share_request", "share_request_told"): (
        f"NOT {_TOLD} OR (department IS NOT NULL AND as_of IS NOT NULL AND lapses_at IS NOT NULL)"
    ),
    ("share_request", "share_request_facts"): f"facts_sealed IS NULL OR {_TOLD}",
    ("share_request", "share_request_answered"): (
        "(answered_at IS NULL) = (state IN ('requested', 'authorised'))"
    ),
    ("share_request", "share_request_error"): "(error_code IS NOT NULL) = (state = 'error')",
    ("share_request", "share_request_settled"): (
        "(settled_at IS NOT NULL) = (state IN ('confirmed', 'corrected'))"
    ),
    ("share_objection", "share_objection_library"): _LIBRARIES,
    ("share_objection", "share_objection_state"): "state IN ('open', 'mended', 'kept')",
    ("share_objection", "share_objection_answered"): (
        "(state = 'open') = (answer IS NULL AND answered_at IS NULL AND answered_by IS NULL)"
    ),
}

# SM-SHARE: a request goes forward only, and is settled once.
_MOVES = """
CREATE FUNCTION share_request_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (
        (OLD.state = 'requested' AND NEW.state = 'authorised')
        OR (OLD.state = 'authorised' AND NEW.state IN ('hit', 'miss', 'error'))
        OR (OLD.state = 'hit' AND NEW.state = 'prefilled')
        OR (OLD.state = 'prefilled' AND NEW.state IN ('confirmed', 'corrected'))
    ) THEN
        RAISE restrict_violation USING MESSAGE = format('share_request: %s to %s', OLD.state, NEW.state);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER share_request_moves BEFORE UPDATE OF state ON share_request
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION share_request_moves()
"""
_PLACE = (
    "ALTER TABLE partner_message DROP CONSTRAINT partner_message_place;"
    " ALTER TABLE partner_message ADD CONSTRAINT partner_message_place CHECK ("
    "sequence > 0 AND (case_number IS NULL) = (step IS NULL) AND coalesce(step, 1) > 0"
    " AND (case_number IS NULL) = (kind IN ({})))"
)
# Certificates are of no case either. Before them, there were none to keep.
_OF_NO_CASE = (
    _PLACE.format("'credit_rating', 'certificate'"),
    "DELETE FROM partner_message WHERE kind = 'certificate'; " + _PLACE.format("'credit_rating'"),  # noqa: S608
)
_MOVES_UNDONE = "DROP TRIGGER share_request_moves ON share_request; DROP FUNCTION share_request_moves()"


class Migration(migrations.Migration):
    dependencies = [("weiban", "0027_case_intake")]

    operations = [
        ops.CreateModel(
            name="Certificate",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "line_hash",
                    fields.BinaryField(description="keyed hash of what all versions have in common"),
                ),
                ("version", fields.SmallIntField(description="版本号, from 1")),
                ("type_code", fields.CharField(description="证照类型代码", max_length=21)),
                ("name", fields.CharField(description="证照名称, of the type", max_length=100)),
                ("issuer", fields.CharField(description="颁发机构统一社会信用代码", max_length=18)),
                ("issuer_name", fields.CharField(description="颁发机构", max_length=100)),
                (
                    "holder_kind",
                    fields.CharEnumField(
                        description="PERSON: person\nENTERPRISE: enterprise",
                        enum_type=HolderKind,
                        max_length=12,
                    ),
                ),
                (
                    "holder_hash",
                    fields.BinaryField(
                        description="keyed hash of 身份证号 or 统一社会信用代码, as of accounts"
                    ),
                ),
                (
                    "content_sealed",
                    fields.TextField(
                        description="identifier, number, holder's name and number, sealed", unique=False
                    ),
                ),
                ("issued_on", fields.DateField()),
                ("valid_from", fields.DateField()),
                ("valid_until", fields.DateField(null=True, description="the last valid day; null: 长期")),
                (
                    "trust",
                    fields.CharEnumField(description="A: A\nB: B\nC: C\nD: D", enum_type=Trust, max_length=1),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="VALID: valid\nLOCKED: locked\nREVOKED: revoked\nCANCELLED: cancelled",
                        enum_type=Status,
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="INGESTED: ingested\nVERIFIED: verified\nVALID: valid\nEXPIRING: expiring\nEXPIRED: expired\nREVOKED: revoked\nREPLACED: replaced\nLOCKED: locked",
                        enum_type=State,
                        max_length=12,
                    ),
                ),
                (
                    "told_at",
                    fields.DatetimeField(
                        description="when it was so, by the issuer's clock",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("told_by", fields.CharField(description="the system that pushed it", max_length=80)),
                (
                    "taken_at",
                    fields.DatetimeField(
                        description="when it was pushed", auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={
                "table": "certificate",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "电子证照: one version of a certificate as its issuer told it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShareRequest",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("person_id", fields.UUIDField(description="who asked and may see it")),
                (
                    "enterprise_id",
                    fields.UUIDField(null=True, description="whom it is about; null: the person"),
                ),
                (
                    "library",
                    fields.CharEnumField(
                        description="POPULATION: population\nLEGAL_PERSONS: legal_persons\nCREDIT: credit\nCERTIFICATES: certificates",
                        enum_type=Library,
                        max_length=16,
                    ),
                ),
                (
                    "occasion",
                    fields.CharEnumField(
                        description="BOOKING: booking\nAPPLICATION: application\nSUPPLEMENT: supplement",
                        enum_type=Occasion,
                        max_length=12,
                    ),
                ),
                (
                    "fields_asked",
                    fields.JSONField(
                        description="names of the fields that may be learnt",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=ShareState.REQUESTED,
                        description="REQUESTED: requested\nAUTHORISED: authorised\nHIT: hit\nMISS: miss\nERROR: error\nPREFILLED: prefilled\nCONFIRMED: confirmed\nCORRECTED: corrected",
                        enum_type=ShareState,
                        max_length=12,
                    ),
                ),
                (
                    "consent_version",
                    fields.CharField(
                        null=True, description="of the words the person agreed to", max_length=10
                    ),
                ),
                ("department", fields.CharField(null=True, description="数源部门", max_length=100)),
                (
                    "facts_sealed",
                    fields.TextField(
                        null=True, description="the records told, sealed; gone when they lapse", unique=False
                    ),
                ),
                (
                    "as_of",
                    fields.DatetimeField(
                        null=True, description="数据时间", auto_now=False, auto_now_add=False
                    ),
                ),
                ("is_stale", fields.BooleanField(default=False, description="older than it should be")),
                ("error_code", fields.CharField(null=True, max_length=40)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "lapses_at",
                    fields.DatetimeField(
                        null=True, description="when the records are gone", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "settled_at",
                    fields.DatetimeField(
                        null=True,
                        description="when it was confirmed or corrected",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "share_request",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "共享申请: one question for a prefill, by a person for themselves or for their enterprise.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShareObjection",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "request",
                    fields.OneToOneField(
                        "weiban.ShareRequest",
                        source_field="request_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="objection",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "library",
                    fields.CharEnumField(
                        description="POPULATION: population\nLEGAL_PERSONS: legal_persons\nCREDIT: credit\nCERTIFICATES: certificates",
                        enum_type=Library,
                        max_length=16,
                    ),
                ),
                ("department", fields.CharField(description="数源部门, which answers", max_length=100)),
                (
                    "fields_disputed",
                    fields.JSONField(
                        description="names of the fields said to be wrong", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "claim_sealed",
                    fields.TextField(
                        description="about whom, what was told, what should be, why; sealed", unique=False
                    ),
                ),
                ("due_on", fields.DateField(description="答复期限")),
                (
                    "state",
                    fields.CharEnumField(
                        default=ObjectionState.OPEN,
                        description="OPEN: open\nMENDED: mended\nKEPT: kept",
                        enum_type=ObjectionState,
                        max_length=8,
                    ),
                ),
                ("answer", fields.CharField(null=True, description="the department's words", max_length=500)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("answered_by", fields.CharField(null=True, max_length=80)),
            ],
            options={
                "table": "share_objection",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "数据异议: what a person says is wrong, for the department the data are from.",
            },
            bases=["Model"],
        ),
        ops.AlterField(
            model_name="PartnerMessage",
            name="kind",
            field=fields.CharEnumField(
                description="APPLICATION: application\nPRE_ACCEPTANCE: pre_acceptance\nACCEPTANCE: acceptance\nREVIEW: review\nDECISION: decision\nSPECIAL_PROCEDURE: special_procedure\nSPECIAL_PROCEDURE_RESULT: special_procedure_result\nCORRECTION_NOTICE: correction_notice\nCORRECTION_RECEIVED: correction_received\nCOLLECTION: collection\nOTHER: other\nCREDIT_RATING: credit_rating\nCERTIFICATE: certificate",
                enum_type=MessageKind,
                max_length=24,
            ),
        ),
        guards.operation(INDEXES, CHECKS, last=((_MOVES, _MOVES_UNDONE), _OF_NO_CASE)),
    ]
