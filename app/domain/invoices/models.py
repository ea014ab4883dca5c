"""Tables of invoice checks. An invoice is known here by a keyed hash only."""

from tortoise import fields
from tortoise.models import Model


class InvoiceChecks(Model):
    """查验次数: how often one invoice was checked on one day, by whomever; the platform allows five."""

    id = fields.BigIntField(primary_key=True)
    invoice_hash = fields.BinaryField(description="keyed hash of 发票代码 and 发票号码")
    on = fields.DateField(description="the day in Shanghai")
    checks = fields.SmallIntField()

    class Meta:
        table = "invoice_checks"
