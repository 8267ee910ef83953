"""What the three parts found, drawn and written down under var/report/."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from evaluation import conversations, history, pictures, questions, risks
from evaluation.conversations import Played
from evaluation.figures import Figure
from evaluation.history import Run
from evaluation.outcome import Miss
from evaluation.page import page
from evaluation.questions import Answered
from evaluation.risks import Judged
from evaluation.service import ROOT
from evaluation.thresholds import thresholds

FOLDER = ROOT / "var" / "report"
LAST = FOLDER / "last.json"


@dataclass
class Findings:
    """What was found. A part that was not run is empty."""

    model: str  # the version of the safeguarding model, which the service gives with each of its decisions
    judged: Sequence[Judged] = field(default=())
    answered: Sequence[Answered] = field(default=())
    played: Sequence[Played] = field(default=())

    def figures(self) -> list[Figure]:
        return [
            *(risks.figures(self.judged) if self.judged else ()),
            *(questions.figures(self.answered) if self.answered else ()),
            *(conversations.figures(self.played) if self.played else ()),
        ]

    def misses(self) -> list[Miss]:
        return [
            *risks.misses(self.judged),
            *questions.misses(self.answered),
            *conversations.misses(self.played),
        ]


def write(findings: Findings, folder: Path = FOLDER) -> Path:
    """Write the page and, for other programs, the misses as JSON lines. Gives the page's path."""
    figures, misses = findings.figures(), findings.misses()
    before = history.load(LAST, "last run") or history.load(history.COMMITTED, "committed figures")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "index.html"
    title = f"How well families are understood (model {findings.model})"
    file.write_text(page(title, figures, _pictures(findings, figures, before), misses), encoding="utf-8")
    lines = [json.dumps(asdict(miss), ensure_ascii=False) for miss in misses]
    (folder / "misses.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def _pictures(findings: Findings, figures: Sequence[Figure], before: Run | None) -> dict[str, str]:
    drawn: dict[str, str] = {}
    if before:
        drawn["Before and after"] = pictures.before_and_after(figures, before)
    if findings.judged:
        drawn |= _of_risks(findings.judged)
    if findings.answered:
        pairs = [(one.question.topic, one.about) for one in findings.answered]
        drawn["What a question was taken for"] = pictures.confusion("What a question was taken for", pairs)
    by_style = {
        kind: {figure.name: figure for figure in figures if figure.part == part}
        for kind, part in STYLES.items()
        if any(figure.part == part for figure in figures)
    }
    if by_style:
        drawn["Misses by style"] = pictures.misses_by_style(by_style)
    return drawn


STYLES = {
    "worries not seen": "Worries seen, by style",
    "worries not recorded": "Worries recorded, by style",
    "false records": "False records, by style",
    "questions": "Questions right, by style",
}


def _of_risks(judged: Sequence[Judged]) -> dict[str, str]:
    found = [one for one in judged if one.message.concern and one.recorded]
    right = [one.score for one in judged if one.recorded == one.message.concern]
    wrong = [one.score for one in judged if one.recorded != one.message.concern]
    decided = {
        "right": len(found),
        "all": sum(one.recorded for one in judged),
        "of": sum(one.message.concern for one in judged),
    }
    chosen = {name: value for name, value in thresholds().items() if name in ("likely", "possible", "rule_likely")}
    scored = [(one.score, one.message.concern) for one in judged]
    return {
        "Precision and recall of worries": pictures.precision_recall(scored, chosen, decided),
        "How sure the network was": pictures.confidence(
            "How sure the network was", right, wrong, "probability of a worry"
        ),
        "Category of a recorded concern": pictures.confusion(
            "Category of a recorded concern", [(str(one.message.category), str(one.category)) for one in found]
        ),
        "Whose safety": pictures.confusion(
            "Whose safety", [(str(one.message.subject), str(one.subject)) for one in found]
        ),
    }
