"""What kind of worry a concern is, chosen again when more of it is told."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.corrections import is_corrected
from gateway.concerns.models import Concern, ConcernWords
from gateway.conversations.models import Assessment
from gateway.routing.routes import routing

OTHER = "other"
# Chosen by us: one message of which the network is quite certain weighs 1, so half of one must speak for the change.
MARGIN = 0.5
# As the safeguarding component counts a rule beside the network's probability.
RULE_WEIGHT = 0.2


def choose_again(session: Session, concern: Concern, category: str | None, message_id: int, *, raised: bool) -> bool:
    """Give a concern the category of its newest words where that fits all that was told better. True when it changed.

    It fits better when these words made the concern more urgent, when its kind was not known before, or when what was
    told so far speaks much more for it. A category with a route of its own is never given up: an allegation against
    staff does not go back to the team that it is about. What a person has put right stays as they said.
    """
    if category in (None, OTHER, concern.category) or routing().has_own_route(concern.category):
        return False
    if not (raised or concern.category == OTHER or _fits_much_better(session, concern, str(category))):
        return False
    if is_corrected(session, concern, "category"):
        return False
    before, concern.category = concern.category, str(category)
    record(
        session,
        LogEvent.CONCERN_CATEGORY_CHANGED,
        concern=concern.id,
        message=message_id,
        before=before,
        after=concern.category,
    )
    return True


def _fits_much_better(session: Session, concern: Concern, category: str) -> bool:
    query = select(Assessment.category, Assessment.scores).join(
        ConcernWords, ConcernWords.message_id == Assessment.message_id
    )
    weights: defaultdict[str | None, float] = defaultdict(float)
    for of_message, scores in session.execute(query.where(ConcernWords.concern_id == concern.id)):
        weights[of_message] += _weight(scores)
    return weights[category] >= weights[concern.category] + MARGIN


def _weight(scores: dict[str, Any]) -> float:
    """How sure the safeguarding component was that a message tells of a worry at all, and so of its kind."""
    probability = max(scores.get("likely", 0.0), scores.get("together", 0.0))
    return float(probability) + (RULE_WEIGHT if scores.get("rules") else 0.0)
