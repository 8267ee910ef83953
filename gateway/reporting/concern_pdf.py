"""A concern's file as a PDF that can be printed: plain text, marked on every page, with its JSON inside."""

import re
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from gateway.reporting.concern_file import ConcernFile
from gateway.spoken import UK
from gateway.wording import choices, say

# DejaVu Sans has Latin, Greek, Cyrillic, Arabic and Hebrew letters; its licence lies beside it.
FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
SMALL, USUAL, LARGE = 7.5, 9.5, 13.0
# Shaping joins the letters of Arabic. It takes seconds for a long text, so it is done for those that need it and are
# no longer than any text message; without it the letters stand apart and can still be read.
JOINED = ("R", "AL")
MOST_SHAPED = 2000


class Sheet(FPDF):
    """Pages that each say whose file this is, how to treat it and which JSON it belongs to."""

    def __init__(self, head: str, foot: str) -> None:
        super().__init__(format="A4")
        self._head, self._foot = head, foot
        self.add_font("dejavu", fname=FONT)
        self.set_font("dejavu", size=USUAL)
        self.set_auto_page_break(True, margin=24)
        self.set_top_margin(26)
        self._known = frozenset(cast(TTFFont, self.fonts["dejavu"]).cmap)
        self.add_page()

    def header(self) -> None:
        """The marking, the reference and the prison."""
        self.set_y(10)
        self._small(f"{say('file.marking')}\n{self._head}")
        self.set_y(26)

    def footer(self) -> None:
        """Who made it when, the hash and the page."""
        self.set_y(-20)
        self._small(f"{self._foot}\n{say('file.page', page=self.page_no(), pages='{nb}')}")

    def heading(self, text: str) -> None:
        """A part of the file begins."""
        self.ln(3)
        self._write(text, LARGE)
        self.ln(1)

    def paragraph(self, text: str) -> None:
        """Text as it is: line ends are kept, nothing in it is markup."""
        self._write(self.shown(text), USUAL)
        self.ln(1)

    def shown(self, text: str) -> str:
        """The text with what this font lacks named or counted instead, so that no gap goes unseen."""
        plain = "".join(
            sign
            for sign in text
            if sign in "\n\t" or ord(sign) in self._known or unicodedata.category(sign)[0] not in "CM"
        )
        named = "".join(self._named(sign) for sign in plain)
        return re.sub(r"\x00+", lambda run: say("file.not_shown", count=len(run.group())), named)

    def _named(self, sign: str) -> str:
        if sign in "\n\t" or ord(sign) in self._known:
            return sign
        symbol = unicodedata.category(sign) in ("So", "Sk")
        return f"[{unicodedata.name(sign, 'sign').lower()}]" if symbol else "\x00"

    def _small(self, text: str) -> None:
        self._write(text, SMALL)

    def _write(self, text: str, size: float) -> None:
        self.set_font_size(size)
        self.set_text_shaping(len(text) <= MOST_SHAPED and any(unicodedata.bidirectional(s) in JOINED for s in text))
        self.multi_cell(0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def concern_pdf(file: ConcernFile) -> bytes:
    """The whole file. Its JSON is attached, so that its hash can be checked from the PDF alone."""
    data, concern = file.data, file.data["concern"]
    prison = concern["prison_name"] or say("staff.prison_unknown")
    made = say("file.produced", time=_time(data["produced_at"]), by=data["produced_by"], sha256=file.sha256)
    sheet = Sheet(say("file.head", reference=concern["reference"], prison=prison), made)
    sheet.set_title(say("file.title", reference=concern["reference"]))
    sheet.heading(say("file.title", reference=concern["reference"]))
    sheet.paragraph(data["log"])
    for name, lines in _parts(data):
        sheet.heading(choices("file_parts")[name])
        for line in lines or [say("file.nothing")]:
            sheet.paragraph(line)
    sheet.embed_file(basename=f"{concern['reference']}.json", bytes=file.json, mime_type="application/json")
    return bytes(sheet.output())


def _parts(data: dict[str, Any]) -> list[tuple[str, list[str]]]:
    conversation = data["conversation"]
    left_out = [say("file.left_out", count=conversation["left_out"])] if conversation["left_out"] else []
    return [
        ("facts", _facts(data["concern"])),
        ("words", [_at(one, _files(one)) for one in data["words"]]),
        ("done", _done(data)),
        ("told", [_told(one) for one in data["told"]]),
        ("notes", [_note(one) for one in data["notes"]]),
        ("conversation", left_out + [_at(one, _files(one), by=_sender(one)) for one in conversation["messages"]]),
        ("history", [_entry(one) for one in data["history"]]),
    ]


def _facts(concern: dict[str, Any]) -> list[str]:
    names = choices("fields") | choices("file_fields")
    words = {
        "urgency": choices("urgencies").get(concern["urgency"]),
        "category": choices("categories").get(concern["category"]),
        "subject": choices("subjects").get(concern["subject"]),
        "status": choices("statuses").get(concern["status"]),
        "opened_at": _time(concern["opened_at"]),
    }
    shown = concern | {name: word for name, word in words.items() if word}
    return [f"{label}: {_value(shown[name])}" for name, label in names.items() if shown.get(name) not in (None, "")]


def _done(data: dict[str, Any]) -> list[str]:
    concern, done = data["concern"], []
    if concern["acknowledged_at"]:
        done.append(say("file.acknowledged", time=_time(concern["acknowledged_at"]), by=concern["acknowledged_by"]))
    done += [_at(one, choices("outcomes").get(one["kind"], one["kind"]), one["by"] or "") for one in data["actions"]]
    if concern["closed_at"]:
        outcome = choices("outcomes").get(concern["outcome"], concern["outcome"])
        done.append(say("file.closed", time=_time(concern["closed_at"]), by=concern["closed_by"], outcome=outcome))
    return done


def _note(note: dict[str, Any]) -> str:
    return _at(note, f"{choices('note_kinds')[note['kind']]}: {note['text']}", by=note["by"] or "")


def _told(told: dict[str, Any]) -> str:
    state = " ".join(filter(None, [told["state"], _time(told["sent_at"]), told["error"]]))
    return f"{_time(told['queued_at'])}  {told['to']} ({told['medium']}, {told['reason']}): {state}"


def _entry(entry: dict[str, Any]) -> str:
    details = ", ".join(f"{name}: {_value(value)}" for name, value in entry["details"].items())
    return f"{_time(entry['at'])}  {entry['event']}, {entry['by']}{f' ({details})' if details else ''}"


def _sender(message: dict[str, Any]) -> str:
    return choices("senders").get(message["from"], message["from"])


def _files(message: dict[str, Any]) -> str:
    added = f"\n{say('file.files', count=message['files'])}" if message["files"] else ""
    return f"{message['text']}{added}"


def _at(one: dict[str, Any], text: str, by: str = "") -> str:
    return f"{_time(one['at'])}{f'  {by}' if by else ''}\n{text}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return say("desk.yes" if value else "desk.no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _time(moment: str | None) -> str:
    """An ISO time on the clock of the United Kingdom: `2026-03-01 21:07:03 GMT`."""
    return f"{datetime.fromisoformat(moment).astimezone(UK):%Y-%m-%d %H:%M:%S %Z}" if moment else ""
