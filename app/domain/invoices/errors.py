"""Every refusal about invoices: its code, and a sentence with the way out."""

from app.kit.errors import InvalidInput, NotFound, Refused


class NotAnInvoice(InvalidInput):
    """A text that is not what an invoice's QR code says."""

    code = "not_an_invoice"
    message = "没有认出发票，请粘贴发票二维码扫出的整段文字"


class UnreadableList(InvalidInput):
    """An uploaded list of invoices that cannot be read as one, or is too long."""

    code = "unreadable_invoice_list"
    message = "发票清单无法读取，请上传 CSV、XLSX 或文本文件，每行一张发票，最多 500 行"


class InvoiceNotFound(NotFound):
    code = "invoice_not_found"
    message = "发票夹中没有这张发票，可能已过期或已删除，请重新查验"


class QueuedCheckNotFound(NotFound):
    code = "queued_check_not_found"
    message = "没有这个排队的查验，可能已经出结果或已取消"


class QueueFull(Refused):
    code = "invoice_queue_full"
    message = "您排队待查的当日发票已满 50 张，请等明天出结果后再添加，或先取消一些"


class InvoiceBatchNotFound(NotFound):
    code = "invoice_batch_not_found"
    message = "没有找到这批查验，可能已过期，请重新提交"


class TooManyBatches(Refused):
    code = "too_many_invoice_batches"
    message = "您还有三批发票正在查验，请等其中一批完成或取消后再提交"


class NothingToExport(Refused):
    code = "no_invoices_to_export"
    message = "没有符合条件的发票，请放宽条件后再导出"


class FolderTooLarge(Refused):
    """More invoices than one file may hold."""

    code = "invoice_export_too_large"
    message = "选中的发票超过 5000 张，请按月份或标签分次导出"
