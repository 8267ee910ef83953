"""Every table, imported together so that migrations and mappers see them all."""

from gateway.audit.models import LogEntry, LogVerification
from gateway.callbacks.models import Callback
from gateway.concerns.decision_models import MessageDecision
from gateway.concerns.models import (
    Concern,
    ConcernAction,
    ConcernCorrection,
    ConcernLink,
    ConcernNote,
    ConcernQuestion,
    ConcernSearch,
    ConcernWords,
)
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.deliveries.models import Delivery
from gateway.feedback.models import Feedback
from gateway.figures.models import AnswerTally
from gateway.media.models import Media
from gateway.path.models import Probe, WatcherSign
from gateway.prisons.models import Prison
from gateway.privacy.models import DataKey, ErasureNotice, ErasureRequest, RetentionHold, RetentionListed, SpentId
from gateway.staff.duty_models import DutyPhone
from gateway.staff.identity_models import StaffIdentity
from gateway.staff.models import Staff
from gateway.staff.second_factor_models import RecoveryCode, SecondFactor, SecurityKey, SecurityKeyChallenge
from gateway.suspects.models import SuspectMessage

__all__ = [
    "AnswerTally",
    "Assessment",
    "Callback",
    "Concern",
    "ConcernAction",
    "ConcernCorrection",
    "ConcernLink",
    "ConcernNote",
    "ConcernQuestion",
    "ConcernSearch",
    "ConcernWords",
    "Conversation",
    "DataKey",
    "Delivery",
    "DutyPhone",
    "ErasureNotice",
    "ErasureRequest",
    "Feedback",
    "LogEntry",
    "LogVerification",
    "Media",
    "Message",
    "MessageDecision",
    "Prison",
    "Probe",
    "RecoveryCode",
    "RetentionHold",
    "RetentionListed",
    "SecondFactor",
    "SecurityKey",
    "SecurityKeyChallenge",
    "SpentId",
    "Staff",
    "StaffIdentity",
    "SuspectMessage",
    "WatcherSign",
]
