"""Every sentence that the gateway itself says, to families and to staff, from data/wording.yml.

What the bot says stands in domain.yml; what both need stands here.
"""

from functools import cache
from typing import Any

import yaml

from gateway.config import settings


@cache
def _all() -> dict[str, Any]:
    return yaml.safe_load((settings().data_dir / "wording.yml").read_text(encoding="utf-8"))


def say(name: str, **values: object) -> str:
    """The sentence called `group.name`, with its gaps filled. Raises KeyError for an unknown name or gap."""
    found: Any = _all()
    for part in name.split("."):
        found = found[part]
    return str(found).strip().format(**values)


def lists(group: str) -> dict[str, list[str]]:
    """What belongs to each key of a group, such as the sentences that fit an outcome."""
    return {str(key): [str(word) for word in words] for key, words in _all()[group].items()}


def choices(group: str) -> dict[str, str]:
    """A closed list, such as the outcomes or the approved sentences: key to words, in the file's order."""
    return {str(key): str(words) for key, words in _all()[group].items()}
