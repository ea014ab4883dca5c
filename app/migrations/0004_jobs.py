"""The tables of pgqueuer, the job queue, as its own release writes them."""

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from tortoise import migrations
from tortoise.migrations import operations as ops


async def _install(_apps: object, schema_editor: ops.BaseSchemaEditor) -> None:
    await schema_editor.client.execute_script(QueryBuilderEnvironment().build_install_query())


async def _uninstall(_apps: object, schema_editor: ops.BaseSchemaEditor) -> None:
    await schema_editor.client.execute_script(QueryBuilderEnvironment().build_uninstall_query())


class Migration(migrations.Migration):
    dependencies = [("weiban", "0003_book_seats")]
    operations = [ops.RunPython(_install, _uninstall)]
