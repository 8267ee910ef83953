"""The questions of «Am I eligible?»: which comes next, what an answer does, and what is said in the end.

Every question can be skipped, and what is clearly told needs no question. A rule that is clearly not met ends them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from gateway.concerns.heard import Heard
from gateway.eligibility import rules
from gateway.eligibility.answers import understand, volunteered
from gateway.eligibility.rules import UNKNOWN, Answers, Verdict
from gateway.spoken import spoken_day

QUESTIONS = (
    "relationship", "lived_together", "only_visitor", "age", "benefits", "income", "journey", "travel", "visit",
)  # fmt: skip
# An answer that is not understood is asked for once more; then it counts as skipped.
MOST_TRIES = 2
# These say what could be claimed, and decide nothing: whoever answers another question instead is not asked again.
DECIDE_NOTHING = frozenset({"journey", "travel", "visit"})


@dataclass(frozen=True)
class Step:
    """What to say, the answers so far, and the question to ask next: none when the check is over."""

    answers: Mapping[str, str] = field(default_factory=dict)
    asks: str | None = None
    say: tuple[str, ...] = ()
    tries: int = 0
    deadline: str = ""  # as the family reads it, for the sentence that has room for it
    digresses: bool = False


def begin(text: str, today: date) -> dict[str, str]:
    """What the message that asks for the check tells already."""
    return volunteered(text, today)


def go_on(answers: Answers, today: date) -> Step:
    """The next question, or the result when there is none."""
    following = next_question(answers, today)
    if following is None:
        return _result(answers, today)
    # The day of the visit changes little for most: who has answered all else need not wait for it.
    so_far, _ = rules.verdict(answers, today)
    is_near = following == QUESTIONS[-1] and so_far is Verdict.LIKELY
    return Step(answers, following, say=("so_far_likely",) if is_near else ())


def hear(answers: Answers, asked: str, heard: Heard, tries: int, today: date) -> Step:
    """What a message does when `asked` was the question."""
    understood = understand(asked, heard, today)
    if heard.is_stop:
        return Step(answers, say=("stopped",))
    if heard.is_question and (heard.asks or understood is None):
        return Step(answers, asked, digresses=True)
    if understood is None and heard.is_correction and (changed := _corrected(answers, heard, today)):
        return _with(("corrected",), go_on({**answers, **changed}, today))
    told = {**volunteered(heard.text, today), **answers}
    tells_more = len(told) > len(answers)
    passes_over = heard.is_skip or (tells_more and asked in DECIDE_NOTHING)
    if understood is None and not passes_over and tries + 1 < MOST_TRIES:
        return Step(told, asked, say=() if tells_more else ("not_understood",), tries=tries + 1)
    return go_on({**told, asked: understood or UNKNOWN}, today)


def next_question(answers: Answers, today: date) -> str | None:
    """The first question that is open and makes a difference."""
    if any(finding.verdict is Verdict.NOT_LIKELY for finding in rules.findings(answers, today)):
        return None
    return next((question for question in QUESTIONS if question not in answers and _applies(question, answers)), None)


def _applies(question: str, answers: Answers) -> bool:
    who = answers.get("relationship")
    if question == "lived_together":
        return who == "partner"
    if question == "only_visitor":
        return who in ("other", "stand_in") or (who == "partner" and answers.get("lived_together") != "yes")
    return question != "income" or answers.get("benefits") == "universal_credit"


def _corrected(answers: Answers, heard: Heard, today: date) -> dict[str, str]:
    """The earlier answer that a correction changes: «sorry i meant pension credit»."""
    for question in (question for question in QUESTIONS if question in answers):
        understood = understand(question, heard, today)
        if understood and understood != answers[question]:
            return {question: understood}
    return {}


def _result(answers: Answers, today: date) -> Step:
    """The verdict with its reasons, what could be claimed, by when and how; and who can say for sure."""
    verdict, reasons = rules.verdict(answers, today)
    say = [f"{verdict}_{reason}" for reason in reasons] or [verdict.value]
    if verdict is not Verdict.NOT_LIKELY:
        say += [f"pays_{what}" for what in rules.pays(answers)]
    last_day = rules.claim_by(answers, today)
    if verdict is not Verdict.NOT_LIKELY or reasons == ["too_late"]:
        say.append("claim_by" if last_day else _how_to_claim(rules.when(answers, today)))
    if verdict is not Verdict.LIKELY:
        say.append("contact")
    return Step(answers, say=tuple(say), deadline=spoken_day(last_day) if last_day else "")


def _how_to_claim(when: str) -> str:
    return {"recent": "claim_after", "soon": "claim_before"}.get(when, "claim_any")


def _with(say: tuple[str, ...], step: Step) -> Step:
    return Step(step.answers, step.asks, (*say, *step.say), step.tries, step.deadline)
