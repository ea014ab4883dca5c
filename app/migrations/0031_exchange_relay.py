"""Questions relayed for a node below: what each partner may relay, and ways of more than one station."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from app.kit import guards

CHECKS = {
    ("partner_system", "partner_system_relays"): "relays IS NULL OR jsonb_typeof(relays) = 'array'",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0030_paper_counts")]

    operations = [
        ops.AddField(
            model_name="PartnerSystem",
            name="relays",
            field=fields.JSONField(null=True, description="purposes it may relay questions for; null: none"),
        ),
        ops.AlterField(
            model_name="ExchangeCall",
            name="hops",
            field=fields.CharField(
                description="the nodes it passed, ours and those that told, with commas between",
                max_length=800,
            ),
        ),
        guards.operation({}, CHECKS),
    ]
