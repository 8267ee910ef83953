"""What families thought, for a spreadsheet: marks and what they are about, without anybody's words or names."""

import csv
import io
from collections.abc import Sequence

from gateway.feedback.service import Mark
from gateway.inert import cell
from gateway.spoken import UK
from gateway.wording import choices

COLUMNS = ("day", "mark", "about", "answer", "words")


def feedback_csv(marks: Sequence[Mark]) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; a line for each opinion, the day on UK calendars."""
    named, about = choices("feedback_columns"), choices("feedback_about")
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(cell(named[column]) for column in COLUMNS)
    for mark in marks:
        day = mark.at.astimezone(UK).date().isoformat()
        words = named["given"] if mark.has_words else named["not_given"]
        row = (day, str(mark.score or ""), about[mark.about], mark.answer or "", words)
        writer.writerow(map(cell, row))
    return written.getvalue().encode("utf-8-sig")
