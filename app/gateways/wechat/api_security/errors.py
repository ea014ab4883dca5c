"""Why a sealed answer is not believed; each is an answer that cannot be used, whatever the platform did."""

from app.gateways.wechat.errors import WeChatUnreachable


class UntrustedAnswer(WeChatUnreachable):
    """The answer is not provably WeChat's answer to this call; the call itself may have been done."""

    why = "an answer that cannot be trusted"

    def __init__(self, path: str) -> None:
        super().__init__(path, type(self).why, sent_maybe=True)


class MissingProof(UntrustedAnswer):
    """A header of the signature is absent, or the answer is not signed at all."""

    why = "an answer without signature"


class ForeignAnswer(UntrustedAnswer):
    """Signed or sealed for another mini-program."""

    why = "an answer for another appid"


class StaleAnswer(UntrustedAnswer):
    """Its time is outside the window, or the time inside is not the one outside."""

    why = "an answer of another time"


class UnknownSerial(UntrustedAnswer):
    """Signed with a platform key that is not in the settings: the certificate was replaced."""

    why = "an answer signed with an unknown platform key"


class BadSignature(UntrustedAnswer):
    """The signature does not belong to this path, time and body."""

    why = "an answer with a wrong signature"


class BadSeal(UntrustedAnswer):
    """The sealed body cannot be opened: wrong key, changed bytes, or no such form."""

    why = "a sealed answer that does not open"


class ReplayedAnswer(UntrustedAnswer):
    """An answer that was already given to an earlier call."""

    why = "an answer given before"
