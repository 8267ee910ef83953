"""What a trained model makes of the evaluation sets, as JSON on standard output: `gateway train` asks before it lets
a new model take the place of the old.

    bot/.venv/bin/python -m bot.judge models/candidate.tar.gz

It runs in Rasa's environment and counts nothing: which levels are right is for the other side to say.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.utils.io import read_yaml_file

TESTS = Path(__file__).resolve().parents[1] / "tests"


def main() -> None:
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    # Rasa prints every message at DEBUG unless told otherwise.
    configure_logging_and_warnings(logging.WARNING, warn_only_once=False)
    configure_structlog(logging.WARNING)
    agent = Agent.load(sys.argv[1])
    print(json.dumps(asyncio.run(judge(agent, TESTS / "nlu" / "risks.jsonl", TESTS / "conversations"))))


async def judge(agent: Agent, risks: Path, conversations: Path) -> dict[str, Any]:
    """The level that each message is given, and which conversation tests pass."""
    return {"levels": await _levels(agent, risks), **await _conversations(agent, conversations)}


async def _levels(agent: Agent, risks: Path) -> dict[str, str]:
    levels = {}
    for line in risks.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        message = UserMessage(case["text"], metadata={"recent": case.get("recent", [])})
        parsed = await agent.processor.parse_message(message)
        levels[case["id"]] = parsed["safeguarding"]["level"]
    return levels


async def _conversations(agent: Agent, folder: Path) -> dict[str, list[str]]:
    """What `rasa test core --e2e` finds, without loading the model a second time."""
    from rasa.core.test import FAILED_STORIES_FILE, SUCCESSFUL_STORIES_FILE, test

    with tempfile.TemporaryDirectory() as name:
        await test(
            str(folder), agent, out_directory=name, e2e=True, successes=True, warnings=False, disable_plotting=True
        )
        return {
            "passed": _names(Path(name) / SUCCESSFUL_STORIES_FILE),
            "failed": _names(Path(name) / FAILED_STORIES_FILE),
        }


def _names(file: Path) -> list[str]:
    """The stories in a file of Rasa's, which holds only a comment when there are none."""
    return sorted(story["story"] for story in (read_yaml_file(file) or {}).get("stories", []))


if __name__ == "__main__":
    main()
