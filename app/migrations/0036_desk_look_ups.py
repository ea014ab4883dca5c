"""What desks of the exchange and of supervision list: the call log, dead letters, findings, papers."""

from tortoise import migrations

from app.kit import guards

INDEXES = {
    "exchange_call_outcome": "INDEX {} ON exchange_call (outcome, at, id)",
    "exchange_call_request": "INDEX {} ON exchange_call (request_id) WHERE request_id IS NOT NULL",
    "partner_message_buried": "INDEX {} ON partner_message (settled_at, id) WHERE state = 'dead'",
    "case_finding_recorded": "INDEX {} ON case_finding (recorded_at, id)",
    "case_finding_of_kind": "INDEX {} ON case_finding (kind, recorded_at, id)",
    "special_procedure_open": "INDEX {} ON special_procedure (applied_at, id) WHERE ended_at IS NULL",
    "case_material_to_judge": (
        "INDEX {} ON case_material (uploaded_at, id) WHERE state = 'uploaded' AND handed_in_seq IS NOT NULL"
    ),
    "share_objection_by_day": "INDEX {} ON share_objection (due_on, id)",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0035_desk_lists")]

    operations = [guards.operation(INDEXES, {})]
