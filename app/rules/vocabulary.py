"""The words that everybody shares: tables, JSON, URLs, templates and tests use exactly these."""

from enum import StrEnum


class Status(StrEnum):
    """Where a ticket stands (domain rules §2.1)."""

    SUBMITTED = "submitted"
    NEED_INFO = "need_info"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    REPLIED = "replied"
    PAUSED = "paused"
    PENDING_CHECK = "pending_check"
    ANSWERED = "answered"
    REOPENED = "reopened"
    REVIEW = "review"
    REJECTED = "rejected"
    CLOSED = "closed"
    CLOSED_UNRATED = "closed_unrated"
    CLOSED_REJECTED = "closed_rejected"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class SlipStatus(StrEnum):
    """Where one slip stands. A ticket cannot close over an open slip."""

    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    RETURNED = "returned"
    CANCELLED = "cancelled"


OPEN_SLIP = frozenset({SlipStatus.ASSIGNED, SlipStatus.IN_PROGRESS})
HELD_SLIP = frozenset({*OPEN_SLIP, SlipStatus.DONE})
"""Still somebody's: neither called off nor given back."""


class Verb(StrEnum):
    """What may happen to a ticket; also the names of its events and of the entries of `verbs[]`."""

    SUBMIT = "submit"
    AUTO_ASSIGN = "auto_assign"
    TRIAGE = "triage"
    NEED_INFO = "need_info"
    REJECT = "reject"
    OBJECT = "object"
    DECIDE = "decide"
    MERGE = "merge"
    UNMERGE = "unmerge"
    TRANSFER_OUT = "transfer_out"
    ANSWER = "answer"
    ASSIGN = "assign"
    TAKE = "take"
    RETURN = "return"
    PROGRESS = "progress"
    ASK = "ask"
    DRAFT_REPLY = "draft_reply"
    REPLY = "reply"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    DONE = "done"
    CANCEL_SLIP = "cancel_slip"
    CONFIRM = "confirm"
    REJECT_WORK = "reject_work"
    RATE = "rate"
    CALLBACK = "callback"
    INFO = "info"
    URGE = "urge"
    WITHDRAW = "withdraw"
    ESCALATE = "escalate"
    DEESCALATE = "deescalate"
    RECLASSIFY = "reclassify"
    LAPSE = "lapse"
    REMIND = "remind"
    BREACH = "breach"
    SEND_BACK = "send_back"
    TAKE_BACK = "take_back"
    CHOOSE = "choose"
    UNDO = "undo"


class Role(StrEnum):
    """Who acts: the nine heads' eleven role codes, the sides, the levels above, and the system's own people."""

    GRID_HEAD = "grid_head"
    POLICE = "police"
    TRAFFIC_POLICE = "traffic_police"
    URBAN_MGMT = "urban_mgmt"
    MARKET_REG = "market_reg"
    STAIR_HEAD = "stair_head"
    CLUB_HEAD = "club_head"
    SPORTS_HEAD = "sports_head"
    SELF_MGMT_HEAD = "self_mgmt_head"
    SECURITY_CAPTAIN = "security_captain"
    AREA_HEAD = "area_head"
    PROPERTY = "property"
    SELF_MGMT_GROUP = "self_mgmt_group"
    COMMITTEE_SECRETARY = "committee_secretary"
    COMMUNITY = "community"
    STREET = "street"
    ADMIN = "admin"


HEADS = frozenset(
    {
        Role.GRID_HEAD,
        Role.POLICE,
        Role.TRAFFIC_POLICE,
        Role.URBAN_MGMT,
        Role.MARKET_REG,
        Role.STAIR_HEAD,
        Role.CLUB_HEAD,
        Role.SPORTS_HEAD,
        Role.SELF_MGMT_HEAD,
        Role.SECURITY_CAPTAIN,
        Role.AREA_HEAD,
    }
)
SEATED = frozenset(Role) - {Role.ADMIN}


class Side(StrEnum):
    """The three sides that may see who reported (domain rules §3.3)."""

    GRID_HEAD = "grid_head"
    PROPERTY = "property"
    SELF_MGMT_GROUP = "self_mgmt_group"


SIDE_OF = {
    Role.GRID_HEAD: Side.GRID_HEAD,
    Role.PROPERTY: Side.PROPERTY,
    Role.SECURITY_CAPTAIN: Side.PROPERTY,
    Role.SELF_MGMT_HEAD: Side.SELF_MGMT_GROUP,
    Role.SELF_MGMT_GROUP: Side.SELF_MGMT_GROUP,
}


class Complexity(StrEnum):
    SIMPLE = "simple"
    COMPLEX = "complex"
    EMERGENCY = "emergency"


class Kind(StrEnum):
    """What kind of appeal it is; an axis of its own, apart from the subject (domain rules §1)."""

    CONSULT = "consult"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"


class Scope(StrEnum):
    """Whose space a leaf is about: shared, inside one household, or to be asked."""

    PUBLIC = "public"
    PRIVATE = "private"
    MIXED = "mixed"


class Flag(StrEnum):
    HOTLINE_FIRST = "hotline_first"
    IDENTITY_SHIELD = "identity_shield"
    MANDATORY_REPORT = "mandatory_report"
    CONFLICT_PROPERTY = "conflict_property"
    CONFLICT_SELF_MGMT = "conflict_self_mgmt"
    CONFLICT_TARGET = "conflict_target"
    NEEDS_HOME_VISIT = "needs_home_visit"
    NEEDS_THREE_STEP = "needs_three_step"
    SENSITIVE_PI = "sensitive_pi"
    MEDIATION_FIRST = "mediation_first"
    EVIDENCE_PRESERVE = "evidence_preserve"
    ELDER_CARE = "elder_care"
    NEEDS_POWER = "needs_power"


class Channel(StrEnum):
    """How the words came in. A case came from nobody: it goes on after its reporter took it back."""

    SCAN = "scan"
    PHONE = "phone"
    VISIT = "visit"
    CASE = "case"


class ConsentKind(StrEnum):
    """How the one for whom a proxy speaks agreed (domain rules §5)."""

    VOICE = "voice"
    SMS_CODE = "sms_code"
    SIGNATURE_PHOTO = "signature_photo"
    STANDING_MANDATE = "standing_mandate"
    EMERGENCY = "emergency"


class CallKind(StrEnum):
    """To tell what was answered, or to ask how it went."""

    TELL = "tell"
    CALLBACK = "callback"


class CallStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    UNREACHED = "unreached"
    VOID = "void"


class CallReason(StrEnum):
    """Why a ticket is called back, the strongest first (domain rules §2.6)."""

    LOW_STARS = "low_stars"
    PARTLY = "partly"
    PROXY = "proxy"
    ELDER = "elder"
    EMERGENCY = "emergency"
    SELF_CHECKED = "self_checked"
    RANDOM = "random"
    BY_HAND = "by_hand"
    BY_RULE = "by_rule"  # what those read who may not know that somebody spoke for somebody else


class CallResult(StrEnum):
    REACHED = "reached"
    NOT_REACHED = "not_reached"


class RatingSource(StrEnum):
    """Who put a judgement down: the reporter, or whoever called them."""

    RESIDENT = "resident"
    CALLBACK = "callback"


class CategorySource(StrEnum):
    REPORTER = "reporter"
    SUGGESTED = "suggested"
    TRIAGER = "triager"


class Clock(StrEnum):
    """What is timed (domain rules §2.2, §2.6); check and review time whoever must look at the work or the objection."""

    FIRST_RESPONSE = "first_response"
    HANDLED = "handled"
    CLEAR_REPLY = "clear_reply"
    PROMISE = "promise"
    EMERGENCY = "emergency"
    NOTE = "note"
    CHECK = "check"
    REVIEW = "review"


class PromiseKind(StrEnum):
    HANDLED = "handled"
    CLEAR_REPLY = "clear_reply"
    CONTACT = "contact"


class Part(StrEnum):
    """The part a seat plays on a ticket."""

    LEAD = "lead"
    CO = "co"


class Solved(StrEnum):
    YES = "yes"
    NO = "no"
    PARTLY = "partly"


class ReplyKind(StrEnum):
    """A complex matter's clear reply is one of these (domain rules §2.1)."""

    RESULT = "result"
    PLAN = "plan"
    REFUSAL = "refusal"


class PauseReason(StrEnum):
    """Why the work rests (domain rules §2.4)."""

    WAITING_REPORTER = "waiting_reporter"
    WAITING_EXTERNAL = "waiting_external"
    COURT_OR_POLICE = "court_or_police"


class RejectReason(StrEnum):
    """Why something is not taken on (domain rules §2.7)."""

    EMERGENCY_HOTLINE = "emergency_hotline"
    LEGAL_CHANNEL = "legal_channel"
    DUPLICATE_NO_NEW_FACT = "duplicate_no_new_fact"
    SECRET_OR_OTHERS_PRIVACY = "secret_or_others_privacy"  # noqa: S105 -- a reason code, not a credential
    OUT_OF_DUTY = "out_of_duty"
    UNLAWFUL_OR_IMMORAL = "unlawful_or_immoral"
    NOT_THIS_COMPOUND = "not_this_compound"
    TEST_OR_EMPTY = "test_or_empty"


class CodeStatus(StrEnum):
    ACTIVE = "active"
    GRACE = "grace"
    REVOKED = "revoked"


class PlaceKind(StrEnum):
    COMPOUND = "compound"
    BUILDING = "building"
    STAIRWELL = "stairwell"


class RevealPurpose(StrEnum):
    CONTACT = "contact"
    VISIT = "visit"
    VERIFY = "verify"
    CALLBACK = "callback"
    RIGHTS = "rights"
    SUPERVISE = "supervise"


class VisitKind(StrEnum):
    """走访 or 问候电话: somebody comes by, or rings up."""

    VISIT = "visit"
    GREETING_CALL = "greeting_call"


class VisitReason(StrEnum):
    """Why somebody is on the list: a sensitive mark, sealed, and no other role's to know (domain rules §3.4)."""

    ELDER = "elder"
    LIVING_ALONE = "living_alone"
    DISABILITY = "disability"
    HARDSHIP = "hardship"
    ILLNESS = "illness"
    OTHER = "other"


class VisitResult(StrEnum):
    FINE = "fine"
    NOT_HOME = "not_home"
    NEEDS_HELP = "needs_help"
    DECLINED = "declined"


class CodeReason(StrEnum):
    """Why a single code is replaced."""

    DAMAGED = "damaged"
    MOVED = "moved"
    SUSPECTED_FAKE = "suspected_fake"
    OTHER = "other"


class CodeSignal(StrEnum):
    """What is worth a look about a code on a wall."""

    OLD_STILL_SCANNED = "old_still_scanned"
    NEVER_SCANNED = "never_scanned"
