"""Every refusal about who someone is: its code, and a sentence with the way out."""

from app.kit.errors import InvalidInput, NotAllowed, NotFound, NotSignedIn, Refused


class SessionEnded(NotSignedIn):
    """The token is unknown, expired or revoked, or its person is frozen or gone."""

    code = "session_ended"
    message = "登录已失效，请重新登录"


class PersonFrozen(NotAllowed):
    code = "person_frozen"
    message = "该账号已被冻结，请携带身份证到办事大厅人工窗口处理"


class PhoneNeedsMiniProgram(Refused):
    """WeChat gives phone numbers only to people of the mini-program."""

    code = "phone_needs_mini_program"
    message = "请在小程序中登录后再绑定手机号"


class NameInvalid(InvalidInput):
    code = "name_invalid"

    def __init__(self) -> None:
        super().__init__(fields={"name": ["请填写身份证上的姓名，2 到 30 个汉字或字母，可含间隔号“·”"]})


class IdNumberInvalid(InvalidInput):
    code = "id_number_invalid"

    def __init__(self, why: str = "身份证号有误，请核对") -> None:
        super().__init__(fields={"id_number": [why]})


class RealNameMismatch(Refused):
    code = "real_name_mismatch"
    message = "姓名与身份证号不一致，请核对后重试；如确认无误，请携带身份证到办事大厅人工窗口办理"


class RealNameUnknown(Refused):
    code = "real_name_unknown"
    message = "没有查到该身份证号的登记信息，请核对后重试；如确认无误，请携带身份证到办事大厅人工窗口办理"


class IdNumberTaken(Refused):
    """Another living person has proved the same ID number; accounts are merged at a counter only."""

    code = "id_number_taken"
    message = (
        "该身份证号已由另一个账号实名，请使用原来的微信登录；如需合并账号，请携带身份证到办事大厅人工窗口办理"
    )


class CannotMerge(Refused):
    """Two persons who may not become one, or may not be parted again."""

    code = "cannot_merge"
    message = "这两个账号不能合并"


class RealNameFixed(Refused):
    """A person does not turn into another one."""

    code = "real_name_fixed"
    message = "本账号已实名为其他证件号码，不能更换；如有误，请携带身份证到办事大厅人工窗口办理"


class RealNameRequired(NotAllowed):
    code = "real_name_required"
    message = "请先完成实名核验，再绑定企业"


class UsccInvalid(InvalidInput):
    code = "uscc_invalid"

    def __init__(self, why: str = "统一社会信用代码有误，请核对") -> None:
        super().__init__(fields={"uscc": [why]})


class EnterpriseUnknown(Refused):
    code = "enterprise_unknown"
    message = "没有查到该统一社会信用代码登记的企业，请核对后重试"


class AgentMismatch(Refused):
    code = "agent_mismatch"
    message = "您在该企业的登记信息中没有所选身份，请核对身份类型，或请企业先在税务机关登记您为办税人员"


class BindingNotFound(NotFound):
    code = "binding_not_found"
    message = "没有找到这个企业绑定，请刷新后重试"


class EnterpriseNotBound(NotFound):
    code = "enterprise_not_bound"
    message = "您没有绑定该企业，或绑定已到期，请先绑定企业"


class ConsentUnknown(InvalidInput):
    """The purpose is not one of ours, or the words have changed since they were shown."""

    code = "consent_unknown"


class SignInFailed(NotSignedIn):
    """One answer for every cause, so that it tells nobody which user names exist."""

    code = "sign_in_failed"
    message = "用户名、密码或动态码不正确；连续 5 次失败将锁定 30 分钟，请稍后再试或联系管理员"


class PasswordWeak(InvalidInput):
    code = "password_weak"

    def __init__(self) -> None:
        words = "密码应为 12 到 128 位，不含用户名，并包含大写字母、小写字母、数字、符号中的至少三种"
        super().__init__(fields={"password": [words]})


class UsernameInvalid(InvalidInput):
    code = "username_invalid"

    def __init__(self) -> None:
        super().__init__(
            fields={"username": ["用户名应以小写字母开头，3 到 40 位，可含数字、点、下划线和短横线"]}
        )


class UsernameTaken(Refused):
    code = "username_taken"
    message = "该用户名已被使用，请换一个"


class PostScopeInvalid(InvalidInput):
    """A post is for one hall or one region, and an administrator's for neither."""

    code = "post_scope_invalid"
    message = "岗位范围只能是一个大厅或一个地区；系统、安全、审计管理员不限定范围"


class AlreadyAppointed(Refused):
    code = "already_appointed"
    message = "该人员已有这个岗位"


class AdminRolesSplit(Refused):
    """系统管理员, 安全管理员 and 审计员 are three people (GB/T 22239-2019)."""

    code = "admin_roles_split"
    message = "系统管理员、安全管理员、审计员必须由不同的人担任"


class StaffUnknown(NotFound):
    code = "staff_unknown"
    message = "没有这个工作人员，请从人员名单中重新选择"


class StaffClosed(Refused):
    code = "staff_closed"
    message = "该账号已停用，不能再办理；如需复用请新建账号"


class PostUnknown(NotFound):
    code = "post_unknown"
    message = "该人员没有这个岗位，可能已被免去，请刷新后核对"


class NotLocked(Refused):
    code = "staff_not_locked"
    message = "该账号没有被锁定，请刷新后核对"


class OwnAccount(NotAllowed):
    """Who gives powers gives none to themselves."""

    code = "own_account"
    message = "不能变更自己的账号或岗位，请由另一位安全管理员办理"


class UnmaskingNotAllowed(NotAllowed):
    code = "unmasking_not_allowed"
    message = "您没有查看完整个人信息的权限，请联系大厅负责人"


class ReasonRequired(InvalidInput):
    code = "reason_required"

    def __init__(self, why: str = "请填写查看理由，5 到 500 个字") -> None:
        super().__init__(fields={"reason": [why]})


class NothingToUnmask(NotFound):
    code = "nothing_to_unmask"
    message = "没有找到该人员的这项信息"


class SceneUnknown(NotFound):
    """The code was never made, or its time is over."""

    code = "scene_unknown"
    message = "二维码已失效，请返回获取新的二维码"


class HandoffGone(Refused):
    """Unknown, used and expired look alike, so that a guess learns nothing."""

    code = "handoff_gone"
    message = "这个链接已使用或已过期，请回到小程序重新打开"


class HandoffPathInvalid(InvalidInput):
    code = "handoff_path_invalid"

    def __init__(self) -> None:
        super().__init__(fields={"path": ["应为本站 /h5/ 下的页面地址"]})


class SignInStale(Refused):
    """The answer of WeChat is not one this browser asked for, or it came too late or twice."""

    code = "sign_in_stale"
    message = "登录已过期，请重新登录"


class SnapshotVisitor(Refused):
    """WeChat shows the page to a virtual visitor (快照页), who is nobody."""

    code = "snapshot_visitor"
    message = "当前为网页快照，不能登录；请点击页面下方的“使用完整服务”后再试"


class TextNotAllowed(InvalidInput):
    """WeChat's content check found something in a text that may not be published."""

    code = "text_not_allowed"
    message = "内容未通过内容安全检测，请删去违规的文字后重新提交"
