"""Every field of every answer that tells of a matter has its row of the matrix here; one without fails the suite.

A line: the view, then rows of the matrix each with its fields. `-` holds what tells nothing of a matter: numbers,
verbs, times of the reader's own doing. That words obey these rows is tried in tests/attack/test_every_byte.py.
"""

import inspect
from typing import get_args

from pydantic import BaseModel

from app.routers import ALL
from app.rules.privacy import Item

OF_A_MATTER = """
AddressGrantView - slip_no basis given_at until revoked_at shown_at | NOTES reason
AddressView DOOR room | - until
AgedView FIGURES code name open overdue ages
BeneficiaryView PROXY name phone room consent
BoardLine PUBLIC_PLACE category name building phase | FIGURES count
BoardReply PUBLIC_PLACE name building month | REPLY text
CallLine NOTES id kind reason status due_at tries done_at
CallView - id kind reason number due_at overdue tries ask | PUBLIC_PLACE status category place | PROXY \
for_somebody_else | \
PERSON name phone | REPLY say
CategoryRef PUBLIC_PLACE code name source
ChoiceView RAW code name
ClockView NOTES kind due_at state
ContactMasked PERSON name phone | DOOR room
ContactView PERSON name phone | DOOR room
CountView FIGURES code name total open
DeskPhoto REDACTED id cleared from_staff url
DeskRating RATING solved stars text at source explained
DeskTicket - number verbs | PUBLIC_PLACE status kind channel category complexity promise place submitted_at due_at \
triaged lead co escalated_to | RAW spot text findings suggestions | REDACTED redacted_text photos | PERSON contact | \
PROXY proxy | NOTES lead_note routing slips draft_reply clocks events calls rights | URGES urges | RATING rating
DoorGrantView DOOR role title basis given_at until revoked_at shown_at
DoorShown DOOR role basis given_at until shown_at
DoorView DOOR until basis
DraftView NOTES kind text promise_date
EventView NOTES at verb status actor text photos facts
FilingView NOTES id agency receipt_no filed_at role note
FindingView RAW kind name count
InboxItem - id at event seat alarm new number slip_no | PUBLIC_PLACE text
IssueView PUBLIC_PLACE id compound category building opened_at closed_at open tickets | NOTES outcome
LeadView PUBLIC_PLACE role title assigned
LedgerLine - number | PUBLIC_PLACE submitted category category_name complexity channel place status party due \
done closed \
rounds | URGES urges | RATING solved stars | NOTES filings common
LookLine LOOKS at compound number account name role fields purpose result facts | PUBLIC_PLACE category
LookView LOOKS role at
MatterView PUBLIC_PLACE category name phase | URGES others mine
MovedView - number | PUBLIC_PLACE category submitted_at before after rule_before rule_after
PlaceView PUBLIC_PLACE compound building stairwell label
PromiseView PUBLIC_PLACE kind due_at text
ProxyMasked PROXY name phone room consent note until
QueueItem - number | PUBLIC_PLACE status category complexity place due_at overdue submitted_at lead triaged | \
URGES urges | \
REDACTED summary
RatingView RATING solved stars text at source
RelatedView - number may_file may_link | URGES me_too | NOTES filings public_reply | PUBLIC_PLACE similar issue \
suggested
RevealRequestView LOOKS id status compound number account name role fields purpose asked_at decided_at until | \
PUBLIC_PLACE category
RevealView PERSON name phone | DOOR room | RAW text photos | PROXY beneficiary_name beneficiary_phone beneficiary_room
RightsLine NOTES kind at outcome
RightsState NOTES restricted erased_at person_expired_at address_consent requests
RoutingView NOTES reason rule co passed probability sureness band top model auto
SaidEntry RAW at verb text
SeenView LOOKS role at fields purpose | - unread
SharedView LOOKS role title at
SimilarView PUBLIC_PLACE ticket mergeable why | REDACTED likeness
SlipLine - slip_no role part | PUBLIC_PLACE status category priority place due_at overdue
SlipRef NOTES slip_no role title part status due_at ask door
SlipView - slip_no role part duty_phone verbs | PUBLIC_PLACE status category priority place due_at promise_kind \
lead co | \
REDACTED redacted_text text_pending photos | NOTES ask events | DOOR door
StairwellSpot PUBLIC_PLACE code name open overdue waiting
SuggestedIssue PUBLIC_PLACE building tickets
SuggestionView RAW code name evidence probability sureness
TimelineEntry REPLY at verb text photos
TotalsView FIGURES total closed_out open common filed by_class by_party by_status by_channel
VisitCounts VULNERABLE compound plans due visits not_home needs_help
VisitPlanView VULNERABLE id kind compound stairwell place name phone has_room reason every_days next_on overdue \
misses \
visitor mine ends_at ended_at last
VisitRevealed VULNERABLE name phone room
VisitView VULNERABLE at by result note ticket
"""
FOR_ITS_REPORTER = {"DataView", "ErasedView", "SubmittedView", "TicketView", "UrgeView", "UrgesView", "ConsentView"}
"""Handed out for a query code or a receipt's link alone: the reporter's own column, in which nearly all is full."""
LISTS = {
    "BoardView", "CallList", "CloseOutView", "FilingList", "InboxView", "IssueList", "LedgerView", "LookLog", "MapView",
    "BuildingPlan", "MattersView", "QueueView", "RevealRequestList", "SlipList", "DryRunView", "VisitPlanList",
    "VisitToday",
}  # fmt: skip
OF_NO_MATTER = {
    "Announcement", "BandView", "BatchView", "BuildingNode", "CategoryView", "CodeLine", "CodeList", "CodeView",
    "CompoundList", "CompoundView", "DangerView", "DeadLetter", "DeadLetters", "DutyView", "FigureView", "GrantView",
    "GuessView", "GuessesView", "HealthView", "HotlineView", "ImportView", "ImportedCompound", "KeptView", "LeafView",
    "LinkView", "LookAlertView", "LookCount", "MeView", "NoticeView", "OnboardingView", "OutlineView", "PhotoView",
    "RequestView", "ShapeView", "SpotView",
    "ResentView", "RosterView", "RuleView", "RulesView", "ScanView", "SeatView", "SessionList", "SessionView",
    "SettingsIn", "SettingsView", "StairwellNode", "StatsView", "StepView", "ThresholdsView", "TokenView", "TopRef",
    "TreeView",
}  # fmt: skip


def declared():
    """Per view: its fields by their row of the matrix."""
    found = {}
    for line in OF_A_MATTER.strip().splitlines():
        view, _, rest = line.partition(" ")
        rows = [part.split() for part in rest.split("|")]
        found[view] = [(item, field) for item, *fields in rows for field in fields]
    return found


def answered():
    """Every view that some route answers with, or that stands inside one."""
    found: dict[str, list[type[BaseModel]]] = {}

    def walk(kind):
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            if kind in found.setdefault(kind.__name__, []):
                return
            found[kind.__name__].append(kind)
            for field in kind.model_fields.values():
                walk(field.annotation)
        for part in get_args(kind):
            walk(part)

    for route in (route for router in ALL for route in router.routes):
        walk(route.response_model)
    return found


def test_every_view_that_is_answered_is_listed_and_nothing_else():
    listed = declared().keys() | FOR_ITS_REPORTER | LISTS | OF_NO_MATTER
    assert answered().keys() - listed == set(), "say which row of the matrix each of its fields belongs to"
    assert listed - answered().keys() == set(), "nobody answers with these any more"


def test_every_field_that_tells_of_a_matter_has_its_row_of_the_matrix():
    views = answered()
    for name, fields in declared().items():
        present = {field for view in views[name] for field in view.model_fields}
        assert (name, {field for _, field in fields}) == (name, present)
        assert len(fields) == len(present), f"{name}: a field stands under two rows"
        assert {item for item, _ in fields} <= {"-", *Item.__members__}, name
