"""What a department system is refused with: as a whole request, or for one of its messages."""

from app.kit.errors import InvalidInput, NotAllowed, NotFound, NotSignedIn, Refused, TooOften


class SignatureRefused(NotSignedIn):
    """The same for an unknown, revoked or expired key and for a wrong signature."""

    code = "partner_signature_refused"
    message = "密钥或签名不对，请核对密钥编号、密钥和签名方法"


class TimestampRefused(NotSignedIn):
    code = "partner_timestamp_refused"
    message = "时间戳超出允许的窗口，请校准时钟后重新签名"


class NonceUsed(NotSignedIn):
    code = "partner_nonce_used"
    message = "这个随机数已经用过，请换一个随机数重新签名"


class TooManyBadSignatures(TooOften):
    code = "partner_too_many_bad_signatures"
    message = "这个地址签名错误的次数过多，请核对密钥和签名方法，按 Retry-After 稍后再试"


class PushedTooFast(TooOften):
    code = "partner_too_fast"
    message = "推送过快，请按 Retry-After 稍后再推"


class BacklogFull(TooOften):
    code = "partner_backlog_full"
    message = "等待前序消息的积压已满，请先补发缺失的消息，稍后再推其余消息"


class MessageInvalid(InvalidInput):
    code = "partner_message_invalid"
    message = "消息内容有误，请按说明修改后用同一序号重发"


class OutOfScope(NotAllowed):
    code = "partner_out_of_scope"
    message = "该系统无权推送此类消息或代表该实施主体、地区，请联系平台调整授权"


class SequenceReused(Refused):
    code = "partner_sequence_reused"
    message = "这个序号已用于另一条消息，请换一个新的序号"


class SequenceForgotten(Refused):
    code = "partner_sequence_forgotten"
    message = "这个序号早于 90 天的留存期，已无法核对是否收到过；确需更正请用新的序号推送"


class StepTaken(Refused):
    code = "partner_step_taken"
    message = "该办件的这个顺序号已被另一条消息占用，请核对 step"


class MessageUnknown(NotFound):
    code = "partner_message_unknown"
    message = "没有收到过这个序号的消息，请核对或重发"


class MessageFailed(Refused):
    code = "partner_message_failed"
    message = "消息处理出错，已转人工处理，请勿重发"


class ParkedTooLong(Refused):
    code = "partner_parked_too_long"
    message = "等待前序消息超时，请补发缺失的消息并联系平台重新处理"


class RelayNotAllowed(NotAllowed):
    code = "partner_relay_not_allowed"
    message = "这个系统没有登记这项用途的转查权限，请联系平台安全管理员"


class SystemUnknown(NotFound):
    code = "partner_system_unknown"
    message = "没有这个对接系统，请核对系统代码"


class SystemSuspended(Refused):
    code = "partner_system_suspended"
    message = "这个对接系统已暂停接收，请先由安全管理员恢复接收"


class SystemExists(Refused):
    code = "partner_system_exists"
    message = "这个系统代码已经登记，请换一个"


class SystemInvalid(InvalidInput):
    code = "partner_system_invalid"
    message = "对接系统的登记内容有误，请按提示修改"


class TooManyKeys(Refused):
    code = "partner_keys_enough"
    message = "同时有效的密钥最多两个，请先停用旧密钥"


class KeyUnknown(NotFound):
    code = "partner_key_unknown"
    message = "没有这个有效的密钥，请核对密钥编号"


class NothingToReplay(Refused):
    code = "partner_nothing_to_replay"
    message = "这条消息不在待人工处理之列，请核对序号"
