"""The tables, one aggregate a file. Importing this package makes the metadata complete."""

from farmerline.models.access import Credential, EmailAddress, WebSession
from farmerline.models.account import (
    SECOND_FACTOR,
    STAFF,
    Account,
    AccountCrop,
    AccountKind,
    AccountState,
    Consent,
    Organisation,
    PersonKind,
    Purpose,
    Role,
    RoleGrant,
)
from farmerline.models.alert import (
    IN_FORCE,
    Alert,
    AlertArea,
    AlertKind,
    AlertState,
    Colour,
    DrillMember,
    ForeignWarning,
    Reach,
    ReachChange,
    ReachStep,
    Settled,
)
from farmerline.models.area import CODE_LENGTH, Area, AreaLevel
from farmerline.models.article import Article, ArticleAct, ArticleEvent, ArticleKind, ArticleState
from farmerline.models.audience import SavedAudience
from farmerline.models.audit import AuditHead, AuditRow
from farmerline.models.base import Base
from farmerline.models.bureau_letter import (
    BureauLetter,
    BureauLetterAct,
    BureauLetterEvent,
    BureauLetterKind,
    BureauLetterState,
)
from farmerline.models.call import Call, Recording
from farmerline.models.case import Case, CaseKind, CaseState, Ear
from farmerline.models.delivery import (
    FAILED_ONES,
    Breaker,
    Campaign,
    CampaignState,
    Delivery,
    DeliveryState,
    GatewayRow,
    Priority,
    ReceiptRow,
    Spending,
)
from farmerline.models.digest import DigestReader, DigestSlot
from farmerline.models.duty import Callout, CalloutKind, Duty, Task
from farmerline.models.expert import (
    Absence,
    CaseAct,
    CaseAnswer,
    CaseEvent,
    Expert,
    ExpertRing,
    RingEnd,
    Shift,
    SpecialDay,
)
from farmerline.models.figure import DailyFigure
from farmerline.models.inbound import (
    Inbound,
    InboundPiece,
    InboundState,
    Question,
    QuestionKind,
    QuestionState,
)
from farmerline.models.letter_group import GroupMember, LetterGroup, MemberState
from farmerline.models.link import Link
from farmerline.models.mailbox import Letter
from farmerline.models.match import Deal, Match, MatchState, NoReason, Outcome, Reveal
from farmerline.models.missed_call import MissedCall
from farmerline.models.pool import Pool, PoolMember, PoolState
from farmerline.models.post import LIVE, Post, PostEvent, PostItem, PostKind, PostState
from farmerline.models.price import Good, Market, Price, PriceState, PriceUnit
from farmerline.models.programme import Programme, ProgrammeState
from farmerline.models.schedule import Counter, DemoClock, ScheduleRun
from farmerline.models.search import post_search
from farmerline.models.services import ServiceEntry, ServiceKind
from farmerline.models.sighting import Photo, Sighting, Verdict
from farmerline.models.submission import Submission, SubmissionState, Via
from farmerline.models.subscription import Subscription, WatchCursor, WatchNotice
from farmerline.models.survey import Survey, SurveyAnswer, SurveyPerson, SurveyState
from farmerline.models.unit import Liaison, Unit, UnitKind
from farmerline.models.village_pack import PackEntry, PackState, VillagePack
from farmerline.models.vocabulary import (
    UnknownWord,
    UnknownWordUse,
    WordAct,
    WordEdit,
    WordState,
)
from farmerline.models.voice_menu import VoiceMenu

__all__ = [
    "CODE_LENGTH",
    "FAILED_ONES",
    "IN_FORCE",
    "LIVE",
    "SECOND_FACTOR",
    "STAFF",
    "Absence",
    "Account",
    "AccountCrop",
    "AccountKind",
    "AccountState",
    "Alert",
    "AlertArea",
    "AlertKind",
    "AlertState",
    "Area",
    "AreaLevel",
    "Article",
    "ArticleAct",
    "ArticleEvent",
    "ArticleKind",
    "ArticleState",
    "AuditHead",
    "AuditRow",
    "Base",
    "Breaker",
    "BureauLetter",
    "BureauLetterAct",
    "BureauLetterEvent",
    "BureauLetterKind",
    "BureauLetterState",
    "Call",
    "Callout",
    "CalloutKind",
    "Campaign",
    "CampaignState",
    "Case",
    "CaseAct",
    "CaseAnswer",
    "CaseEvent",
    "CaseKind",
    "CaseState",
    "Colour",
    "Consent",
    "Counter",
    "Credential",
    "DailyFigure",
    "Deal",
    "Delivery",
    "DeliveryState",
    "DemoClock",
    "DigestReader",
    "DigestSlot",
    "DrillMember",
    "Duty",
    "Ear",
    "EmailAddress",
    "Expert",
    "ExpertRing",
    "ForeignWarning",
    "GatewayRow",
    "Good",
    "GroupMember",
    "Inbound",
    "InboundPiece",
    "InboundState",
    "Letter",
    "LetterGroup",
    "Liaison",
    "Link",
    "Market",
    "Match",
    "MatchState",
    "MemberState",
    "MissedCall",
    "NoReason",
    "Organisation",
    "Outcome",
    "PackEntry",
    "PackState",
    "PersonKind",
    "Photo",
    "Pool",
    "PoolMember",
    "PoolState",
    "Post",
    "PostEvent",
    "PostItem",
    "PostKind",
    "PostState",
    "Price",
    "PriceState",
    "PriceUnit",
    "Priority",
    "Programme",
    "ProgrammeState",
    "Purpose",
    "Question",
    "QuestionKind",
    "QuestionState",
    "Reach",
    "ReachChange",
    "ReachStep",
    "ReceiptRow",
    "Recording",
    "Reveal",
    "RingEnd",
    "Role",
    "RoleGrant",
    "SavedAudience",
    "ScheduleRun",
    "ServiceEntry",
    "ServiceKind",
    "Settled",
    "Shift",
    "Sighting",
    "SpecialDay",
    "Spending",
    "Submission",
    "SubmissionState",
    "Subscription",
    "Survey",
    "SurveyAnswer",
    "SurveyPerson",
    "SurveyState",
    "Task",
    "Unit",
    "UnitKind",
    "UnknownWord",
    "UnknownWordUse",
    "Verdict",
    "Via",
    "VillagePack",
    "VoiceMenu",
    "WatchCursor",
    "WatchNotice",
    "WebSession",
    "WordAct",
    "WordEdit",
    "WordState",
    "post_search",
]
