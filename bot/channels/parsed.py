"""What the pipeline makes of a text, as its readers here take it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Parsed = dict[str, Any]
Read = Callable[[str], Awaitable[Parsed]]

FALLBACK, UNSURE, CONCERN = "nlu_fallback", "unsure_between", "report_concern"
OUT_OF_SCOPE = "out_of_scope"
ALSO_ASKED = "also_asked"
# A part counts as a question of its own from this confidence on; it has lost the words around it.
SURE_OF_PART = 0.5
# An answer that is less probable than this may not be the one that was asked for.
NOT_SURE = 0.55


def confidence(parsed: Parsed) -> float:
    ranking = parsed.get("answer_ranking") or [{"confidence": 0.0}]
    return float(ranking[0]["confidence"])


def own_answer(parsed: Parsed) -> str | None:
    selected = (parsed.get("response_selector") or {}).get(parsed["intent"]["name"])
    return selected["response"]["intent_response_key"] if isinstance(selected, dict) else None


def answered_by(parsed: Parsed, answer: str) -> Parsed:
    """As if this had been the question."""
    subject = answer.partition("/")[0]
    response = {"intent_response_key": answer, "utter_action": f"utter_{answer}", "confidence": 1.0, "responses": []}
    chosen = {"response": response, "ranking": [{"intent_response_key": answer, "confidence": 1.0}]}
    selector = {**(parsed.get("response_selector") or {}), subject: chosen}
    return {**parsed, "intent": {"name": subject, "confidence": SURE_OF_PART}, "response_selector": selector}
