"""Measure how well the service understands families, against the goals of the design.

.venv/bin/python -m evaluation [--only risks|questions|conversations] [--keep]
"""

import argparse
import sys
import time
from collections.abc import Sequence

from evaluation import cases, conversations, history, questions, report, risks
from evaluation.cases import BadCase
from evaluation.figures import Figure
from evaluation.replies import Responses
from evaluation.report import Findings
from evaluation.service import DidNotStart, Service, running

PARTS = ("risks", "questions", "conversations")


def main() -> int:
    given = _options()
    parts = [given.only] if given.only else PARTS
    try:
        with running(CHAT_WAIT="20", HOLDING_AFTER="120") as service:
            findings = measure(service, parts)
    except (BadCase, DidNotStart) as error:
        print(error, file=sys.stderr)
        return 1
    figures = findings.figures()
    _print(figures)
    file = report.write(findings)
    history.keep(report.LAST, findings.model, figures)
    if given.keep:
        history.keep(history.COMMITTED, findings.model, figures)
    print(f"\n{len(findings.misses())} misses, with their texts, and the pictures: {file}")
    return 0


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description="Measure how well the service understands families.")
    options.add_argument("--only", choices=PARTS, help="only this part")
    options.add_argument("--keep", action="store_true", help="write the figures to tests/nlu/figures.json as well")
    return options.parse_args()


def measure(service: Service, parts: Sequence[str]) -> Findings:
    """Run these parts on a running service, saying how long each took."""
    findings = Findings(risks.model_version(service.environment["RASA_URL"]))
    for part in parts:
        began = time.monotonic()
        if part == "risks":
            findings.judged = risks.judge(service.environment["RASA_URL"], cases.read_risks())
        elif part == "questions":
            findings.answered = questions.ask(service.url, cases.read_questions(), Responses.load())
        else:
            findings.played = _play(service)
        print(f"{part}: {time.monotonic() - began:.0f} s", flush=True)
    return findings


def _play(service: Service) -> list[conversations.Played]:
    wanted = cases.read_conversations()
    played = conversations.play(service.url, wanted)
    return conversations.compare(played, conversations.read_log(service))


def _print(figures: Sequence[Figure]) -> None:
    part = ""
    for figure in figures:
        if figure.part != part:
            part = figure.part
            print(f"\n{part}")
        print(figure)


if __name__ == "__main__":
    sys.exit(main())
