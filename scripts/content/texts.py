"""Everything that a family may read, with the channel it comes on: domain.yml, data/wording.yml, data/glossary.yml."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# Groups of wording.yml that only staff read. Any other is a family's, so that a new group is checked.
STAFF_ONLY = frozenset(
    "urgencies_mean queue_groups queue_hands queue_channels queue_no_prison "
    "duty call file file_parts file_fields senders disclosure outcomes callback_outcomes erasure_states erasure "
    "feedback_about urgencies categories subjects statuses fields operator media_refused why clocks staff figures "
    "figures_notes digest anchor path "
    "alarms alarm dismissal_reasons feedback_columns".split()
)
# How much a gap takes when it is filled, at the most; what is not here is short, such as a time.
GAP_SIZES = {
    "choices": 150,
    "next_check": 31,  # 09:00 on Wednesday 23 September
    "people": 30,
    "prison_name": 40,
    "prison_place": 50,
    "prison_url": 55,
    "read_back": 150,
    "switchboard": 35,
    "team": 60,
}
SHORT_GAP = 16


@dataclass(frozen=True)
class Text:
    """`metadata` is None where a source stands elsewhere or none is asked for."""

    name: str
    channel: str
    text: str
    metadata: dict[str, Any] | None = None
    is_sentence: bool = True

    @property
    def is_sent_by_sms(self) -> bool:
        return "sms" in self.channel


def all_texts(root: Path) -> list[Text]:
    """The texts of a checkout."""
    responses = _read(root / "domain.yml")["responses"]
    words = _read(root / "data" / "glossary.yml")["words"]
    return [
        *(text for name, variations in responses.items() for text in _response(name, variations)),
        *_wording(_read(root / "data" / "wording.yml")),
        *(_explained(name, entry, responses) for name, entry in words.items()),
    ]


def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _response(name: str, variations: list[dict[str, Any]]) -> Iterator[Text]:
    """A variation without a channel is the web's; where there is none for SMS, it is sent by SMS too."""
    has_sms = any(variation.get("channel") == "sms" for variation in variations)
    for variation in variations:
        channel = variation.get("channel") or ("web" if has_sms else "web and sms")
        yield Text(name, channel, str(variation["text"]).strip(), variation.get("metadata") or {})


def _wording(groups: dict[str, Any]) -> Iterator[Text]:
    for group, found in groups.items():
        if group not in STAFF_ONLY:
            for name, text in _leaves(found, group):
                yield Text(f"data/wording.yml {name}", "web and sms", text, is_sentence=text[-1:] in ".?!")


def _leaves(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}")
    else:
        yield path, str(node).strip()


def _explained(name: str, entry: dict[str, Any], responses: dict[str, Any]) -> Text:
    """A word as the bot explains it by SMS."""
    said = next(v["text"] for v in responses["utter_word_explained"] if v.get("channel") == "sms")
    filled = said.replace("{word}", name).replace("{meaning}", str(entry.get("meaning") or ""))
    metadata = {part: entry.get(part) for part in ("source", "url", "checked", "review_by")}
    return Text(f"data/glossary.yml {name}", "sms", filled, metadata)


def filled(text: str) -> str:
    """A text as long as it gets when its gaps are filled."""
    for gap, length in GAP_SIZES.items():
        text = text.replace("{" + gap + "}", "x" * length)
    while (start := text.find("{")) >= 0 and (end := text.find("}", start)) >= 0:
        text = text[:start] + "x" * SHORT_GAP + text[end + 1 :]
    return text
