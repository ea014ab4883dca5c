"""What a holder who asks for a certificate is refused with."""

from app.kit.errors import NotFound


class CertificateNotFound(NotFound):
    """The same for one there is not and for one of somebody else."""

    code = "certificate_not_found"
    message = "没有找到这份证照，请刷新证照列表后重试"
