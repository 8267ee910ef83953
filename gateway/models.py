"""Every table, imported together so that migrations and mappers see them all."""

from gateway.audit.models import LogEntry
from gateway.concerns.models import Concern, ConcernNote, ConcernWords
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.deliveries.models import Delivery
from gateway.prisons.models import Prison
from gateway.staff.models import Staff

__all__ = [
    "Assessment",
    "Concern",
    "ConcernNote",
    "ConcernWords",
    "Conversation",
    "Delivery",
    "LogEntry",
    "Message",
    "Prison",
    "Staff",
]
