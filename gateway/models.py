"""Every table, imported together so that migrations and mappers see them all."""

from gateway.audit.models import LogEntry
from gateway.callbacks.models import Callback
from gateway.concerns.models import Concern, ConcernNote, ConcernWords
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.deliveries.models import Delivery
from gateway.feedback.models import Feedback
from gateway.prisons.models import Prison
from gateway.privacy.models import ErasureNotice, ErasureRequest, RetentionHold, RetentionListed, SpentId
from gateway.staff.models import Staff

__all__ = [
    "Assessment",
    "Callback",
    "Concern",
    "ConcernNote",
    "ConcernWords",
    "Conversation",
    "Delivery",
    "ErasureNotice",
    "ErasureRequest",
    "Feedback",
    "LogEntry",
    "Message",
    "Prison",
    "RetentionHold",
    "RetentionListed",
    "SpentId",
    "Staff",
]
