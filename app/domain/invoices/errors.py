"""Every refusal about invoices: its code, and a sentence with the way out."""

from app.kit.errors import InvalidInput


class NotAnInvoice(InvalidInput):
    """A text that is not what an invoice's QR code says."""

    code = "not_an_invoice"
    message = "没有认出发票，请粘贴发票二维码扫出的整段文字"
