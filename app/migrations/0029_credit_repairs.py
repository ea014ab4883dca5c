"""整体修复 and the repair of a direct D with what they rest on, and the applicant's words sealed."""

from collections.abc import Callable

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor

from app.domain.credit_appeals.models import AppealKind
from app.kit import crypto, guards

_KINDS = "ALTER TABLE credit_appeal DROP CONSTRAINT credit_appeal_kind"
_KINDS_BEFORE = (
    "ALTER TABLE credit_appeal ADD CONSTRAINT credit_appeal_kind CHECK (kind IN ('review', 'repair'))"
)

CHECKS = {
    ("credit_appeal", "credit_appeal_kind"): "kind IN ('review', 'repair', 'overall', 'direct_d')",
    ("credit_appeal", "credit_appeal_grounds"): (
        "(since_on IS NOT NULL) = (kind IN ('overall', 'direct_d'))"
        " AND (since_on IS NULL OR evidence_at IS NOT NULL)"
    ),
    ("credit_appeal", "credit_appeal_points"): (
        "(points IS NOT NULL) = (kind = 'overall') AND (points IS NULL OR points > 0)"
    ),
}

_BATCH = 500


async def _seal(_apps: object, editor: BaseSchemaEditor) -> None:
    await _rewrite(editor, "reason", "reason_sealed", crypto.seal)


async def _unseal(_apps: object, editor: BaseSchemaEditor) -> None:
    await _rewrite(editor, "reason_sealed", "reason", crypto.unseal)
    await editor.client.execute_query("UPDATE credit_appeal SET reason = '' WHERE reason IS NULL")


async def _rewrite(editor: BaseSchemaEditor, column: str, to: str, said: Callable[[str], str]) -> None:
    last = 0
    while rows := await editor.client.execute_query_dict(
        f"SELECT id, {column} AS words FROM credit_appeal"  # noqa: S608  Names of ours.
        f" WHERE id > $1 AND {column} IS NOT NULL ORDER BY id LIMIT {_BATCH}",
        [last],
    ):
        last = rows[-1]["id"]
        await editor.client.execute_query(
            f"UPDATE credit_appeal a SET {to} = d.words"  # noqa: S608  Names of ours.
            " FROM unnest($1::bigint[], $2::text[]) AS d (id, words) WHERE a.id = d.id",
            [[row["id"] for row in rows], [said(row["words"]) for row in rows]],
        )


class Migration(migrations.Migration):
    dependencies = [("weiban", "0028_certificates")]

    operations = [
        ops.AddField(
            model_name="CreditAppeal",
            name="reason_sealed",
            field=fields.TextField(
                null=True, description="the applicant's words; null: has left", unique=False
            ),
        ),
        ops.AlterField(
            model_name="CreditAppeal",
            name="reason",
            field=fields.CharField(null=True, description="the applicant's words", max_length=500),
        ),
        ops.RunPython(_seal, _unseal),
        ops.RemoveField(model_name="CreditAppeal", name="reason"),
        ops.AddField(
            model_name="CreditAppeal",
            name="since_on",
            field=fields.DateField(
                null=True, description="no breach is known after it; of the last two kinds"
            ),
        ),
        ops.AddField(
            model_name="CreditAppeal",
            name="points",
            field=fields.DecimalField(
                null=True,
                description="what an overall repair brings back at most",
                max_digits=5,
                decimal_places=2,
            ),
        ),
        ops.AddField(
            model_name="CreditAppeal",
            name="evidence_at",
            field=fields.DatetimeField(
                null=True,
                description="when the authority told what it rests on",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AlterField(
            model_name="CreditAppeal",
            name="kind",
            field=fields.CharEnumField(
                description="REVIEW: review\nREPAIR: repair\nOVERALL: overall\nDIRECT_D: direct_d",
                enum_type=AppealKind,
                max_length=8,
            ),
        ),
        guards.operation({}, CHECKS, first=((_KINDS, _KINDS_BEFORE),)),
    ]
