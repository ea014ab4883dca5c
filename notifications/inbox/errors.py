"""What the inbox refuses, and the way out."""

from app.kit.errors import InvalidInput, NotFound, Refused


class ItemNotFound(NotFound):
    code = "message_not_found"
    message = "没有找到这条消息，可能已过保存期，请返回消息列表"


class NoProof(NotFound):
    code = "no_proof"
    message = "这条消息不是送达的文书，没有送达回证"


class NothingToAcknowledge(Refused):
    code = "nothing_to_acknowledge"
    message = "这条消息不需要签收"


class CannotSwitchOff(InvalidInput):
    code = "cannot_switch_off"
    message = "法定通知不能关闭"
