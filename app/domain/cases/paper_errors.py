"""What can stand in the way of handing in materials and of getting documents."""

from app.kit.errors import InvalidInput, NotFound, Refused, TooOften


class NothingAsked(Refused):
    code = "case_asks_for_nothing"
    message = "这个办件现在没有要求补正，不能提交材料；如需补充，请联系受理部门"


class TooManyMaterials(Refused):
    code = "too_many_materials"
    message = "这个办件的材料已达上限（20 个文件、共 100 MB），请删去不需要的或合并后再上传"


class UploadsUsedUp(TooOften):
    code = "uploads_used_up"
    message = "您今天上传的文件已达 500 MB，请明天再上传，或把材料交到窗口"


class MaterialNotFound(NotFound):
    code = "material_not_found"
    message = "没有这份材料，请刷新后重试"


class MaterialHandedIn(Refused):
    code = "material_handed_in"
    message = "这份材料已经提交，不能删除；如需更换，请等待受理部门通知"


class NothingHandedIn(InvalidInput):
    code = "nothing_handed_in"
    message = "请至少上传或承诺一份材料，再提交补正"


class PromiseDateInvalid(InvalidInput):
    code = "promise_date_invalid"
    message = "承诺补齐的日期应在明天到 90 天之内"


class CannotJudge(Refused):
    code = "material_not_judgeable"
    message = "这份材料还没有提交，或者已经核对过、已被替换"


class DocumentNotFound(NotFound):
    code = "document_not_found"
    message = "没有这份文书，请刷新后重试"


class DocumentUnverified(NotFound):
    code = "document_unverified"
    message = "没有这个核验码对应的文书，请对照文书上的核验码重新输入；仍不符时，请向出具部门核实"
