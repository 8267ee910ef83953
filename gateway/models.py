"""Every table, imported together so that migrations and mappers see them all."""

from gateway.audit.models import LogEntry
from gateway.callbacks.models import Callback
from gateway.concerns.models import Concern, ConcernLink, ConcernNote, ConcernSearch, ConcernWords
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.deliveries.models import Delivery
from gateway.feedback.models import Feedback
from gateway.media.models import Media
from gateway.path.models import Probe, WatcherSign
from gateway.prisons.models import Prison
from gateway.privacy.models import DataKey, ErasureNotice, ErasureRequest, RetentionHold, RetentionListed, SpentId
from gateway.staff.duty_models import DutyPhone
from gateway.staff.models import Staff
from gateway.suspects.models import SuspectMessage

__all__ = [
    "Assessment",
    "Callback",
    "Concern",
    "ConcernLink",
    "ConcernNote",
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
    "Media",
    "Message",
    "Prison",
    "Probe",
    "RetentionHold",
    "RetentionListed",
    "SpentId",
    "Staff",
    "SuspectMessage",
    "WatcherSign",
]
