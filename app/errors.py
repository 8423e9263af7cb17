"""Every refusal the product can give: a stable code, an HTTP status, Chinese words fit to show."""


class AppError(Exception):
    """A refusal. `extra` travels into the problem document (verbs, retry_after, errors)."""

    status = 500
    code = "INTERNAL"
    title = "出了点问题，请稍后再试"

    def __init__(self, detail: str = "", **extra: object) -> None:
        super().__init__(detail or self.title)
        self.detail, self.extra = detail or self.title, extra


class NotFoundError(AppError):
    """Absent and invisible are the same answer: telling them apart would leak existence."""

    status, code, title = 404, "NOT_FOUND", "没有找到，请核对编号和查询码"


class CodeUnknownError(AppError):
    status, code, title = 404, "CODE_UNKNOWN", "这个二维码我们不认识，请核对码下面的 8 位编号"


class CodeRevokedError(AppError):
    status, code, title = 410, "CODE_REVOKED", "这个码已停用，请扫楼道里的新码"


class UnauthorisedError(AppError):
    status, code, title = 401, "LOGIN_NEEDED", "请先登录"


class SlipLinkUnknownError(UnauthorisedError):
    code = "SLIP_LINK_UNKNOWN"
    title = "这个任务单链接不对，请网格长重发一个"


class BadLoginError(AppError):
    """One answer for an unknown name and a wrong password."""

    status, code, title = 401, "LOGIN_FAILED", "用户名或密码不对"


class VerbNotYoursError(AppError):
    status, code, title = 403, "VERB_NOT_YOURS", "您看得到，但这一步不归您办"


class CrossSiteError(AppError):
    status, code, title = 403, "CROSS_SITE", "这个请求不是从本站页面发出的，请回到页面重试"


class IllegalVerbError(AppError):
    status, code, title = 409, "ILLEGAL_NOW", "现在不能这样操作，情况可能刚刚有变，请刷新看看"


class ApprovalNeededError(AppError):
    """Everything else is right; the secretary was asked, and the look may be tried again once they agree."""

    status, code, title = 403, "APPROVAL_NEEDED", "未成年人的信息要先经小区党委书记批准，已请书记批准"


class SelfCheckError(IllegalVerbError):
    code, title = "OTHER_CHECKER_NEEDED", "办理人不能核实自己办的事，请另一位网格长来核实"


class OtherCallerError(IllegalVerbError):
    code, title = "OTHER_CALLER_NEEDED", "这件事您记录过或经手过，请没有经手的人来回访"


class LinkBoundError(AppError):
    status, code, title = 410, "LINK_GONE", "这个任务单链接已失效，请网格长重发一个"


class UrgeTooEarlyError(AppError):
    status, code, title = 429, "URGE_TOO_EARLY", "已经收到，还没到可以再催的时间"


class TooManyError(AppError):
    """A limit is reached; `detail` says when it opens, `retry_after` in how many seconds."""

    status, code, title = 429, "TOO_MANY", "点得太快了，请过一会儿再试"


class KeyMissingError(AppError):
    status, code, title = 428, "IDEMPOTENCY_KEY_MISSING", "请求缺少 Idempotency-Key（16–64 个字符）"


class KeyReusedError(AppError):
    status, code, title = 422, "IDEMPOTENCY_KEY_REUSED", "同一个提交凭证用在了不同的内容上，请重新打开页面再提交"


class InvalidError(AppError):
    """Well-formed, but it cannot be accepted. `errors` names the fields."""

    status, code, title = 422, "INVALID", "有的内容没填对，请看提示改一改"


class ConsentNeededError(InvalidError):
    code, title = "CONSENT_NEEDED", "留了联系方式，需要您勾选同意才能保存"


class PhotoUnreadableError(InvalidError):
    code, title = "PHOTO_UNREADABLE", "这张图片打不开，请换一张 JPG 或 PNG 照片"


class TooLargeError(AppError):
    status, code, title = 413, "TOO_LARGE", "文件太大了，请控制在 10 MB 以内"


class ImportRefusedError(InvalidError):
    """The workbook has bad rows; nothing was imported. `errors` lists each with its row number and reason."""

    code, title = "IMPORT_REFUSED", "表格里有几行没填对，一行都没有导入，改好后再传一次"


class BrokenWorkbookError(InvalidError):
    code, title = "WORKBOOK_UNREADABLE", "这个文件打不开，请上传 .xlsx 或 UTF-8 的 .csv 表格"


class BusyError(AppError):
    status, code, title = 503, "BUSY", "现在用的人太多，请过几秒再试"


class MissingYearError(AppError, LookupError):
    """The holiday table does not reach this year: no date at all is better than a wrong one."""

    status, code, title = 503, "CALENDAR_YEAR_MISSING", "系统的节假日表还没有更新，算不出办理期限，请先打值班电话"

    def __init__(self, year: int) -> None:
        super().__init__(self.title)
        self.year = year

    def __str__(self) -> str:
        return f"the holiday table has no year {self.year}; a newer chinesecalendar is needed"


class MisconfiguredError(RuntimeError):
    """The operator has to change something before the program can start."""
