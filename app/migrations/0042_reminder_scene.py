"""A code of the public account that stands for no hall: people come by it for reminders."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from app.domain.accounts.scene_models import SceneKind


class Migration(migrations.Migration):
    dependencies = [("weiban", "0041_campaigns_of_lists")]

    operations = [
        ops.AlterField(
            model_name="Scene",
            name="kind",
            field=fields.CharEnumField(
                description="HALL_POSTER: hall_poster\nCHECK_IN: check_in\nGUIDE: guide\nBIND: bind\nREMINDERS: reminders",
                enum_type=SceneKind,
                max_length=24,
            ),
        ),
    ]
