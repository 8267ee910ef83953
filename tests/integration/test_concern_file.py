"""The file of one concern: whole, only what its reader may see, and the same words in the PDF as were written."""

import hashlib
import io
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from factories import NUMBER, a_concern, a_conversation, a_message
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from gateway.audit.models import LogEntry
from gateway.audit.service import history
from gateway.cli import app
from gateway.concerns import acts, closing, service
from gateway.concerns.models import Concern
from gateway.conversations.models import Conversation
from gateway.conversations.service import Reply, say_to_family
from gateway.conversations.tokens import sign
from gateway.reporting.concern_file import ConcernFile, concern_file
from gateway.reporting.concern_pdf import concern_pdf
from gateway.staff.models import Staff
from gateway.staff.service import add_staff
from gateway.wording import say

POLISH = "Mój mąż mówi, że już nie chce żyć – proszę, sprawdźcie go. Zażółć gęślą jaźń"
HOSTILE = '<script>alert(1)</script> **bold** =HYPERLINK("http://x.invalid") {{ 7*7 }} {reference}'
Make = Callable[..., Concern]


@pytest.fixture
def ann(work: Session) -> Staff:
    return add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)


def lived(work: Session, ann: Staff, text: str = POLISH, **more: object) -> Concern:
    """A concern with everything that can befall one."""
    details = {"prisoner_name": "Sam Żółć", "reporter_name": "Jo Sample", "summary": "owes money"}
    concern = a_concern(work, text, conversation=a_conversation(work, "sms"), details=details, **more)
    acts.acknowledge(work, concern, ann.id)
    acts.add_note(work, concern, ann.id, "spoke to the wing at 3")
    acts.tell_family(work, concern, ann.id, "looked_into")
    closing.close(work, concern, ann.id, "welfare_check")
    work.commit()
    return concern


def text_of(made: ConcernFile) -> str:
    pages = PdfReader(io.BytesIO(concern_pdf(made))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_file_holds_the_words_the_acts_the_people_and_the_history(work: Session, ann: Staff) -> None:
    concern = lived(work, ann)
    events = [entry.event for entry in history(work, concern.id)]
    data = json.loads(concern_file(work, concern, ann).json)

    assert [word["text"] for word in data["words"]] == [POLISH]
    assert (data["concern"]["reference"], data["concern"]["prisoner_name"]) == (concern.reference, "Sam Żółć")
    assert (data["concern"]["acknowledged_by"], data["concern"]["closed_by"]) == ("Ann Example", "Ann Example")
    assert [note["text"] for note in data["notes"]] == ["spoke to the wing at 3"]
    assert [said["from"] for said in data["conversation"]["messages"]] == ["family", "system", "staff", "system"]
    assert [told["to"] for told in data["told"]] == ["safer-custody.lei@gateway.invalid"]
    assert [entry["event"] for entry in data["history"]] == events and len(events) >= 6
    assert "Nothing was changed or taken out" in data["log"]


def test_the_pdf_says_the_same_in_polish_and_in_arabic(work: Session, ann: Staff) -> None:
    arabic = "ابني في السجن"
    concern = lived(work, ann, f"{POLISH}\n{arabic}")

    text = text_of(concern_file(work, concern, ann))

    assert POLISH in text
    # Arabic is drawn from right to left in joined forms; each of its letters is there.
    assert all(letter in text for letter in arabic.replace(" ", ""))
    for part in ("Sam Żółć", "owes money", "spoke to the wing at 3", "Welfare check made", "by Ann Example",
                 "safer-custody.lei@gateway.invalid", "concern:acknowledged", "have acted on it"):  # fmt: skip
        assert part in text, part


def test_words_in_signs_that_the_page_lacks_are_named_or_counted_and_whole_in_the_json(
    work: Session, ann: Staff
) -> None:
    concern = lived(work, ann, "please help 🙏🏽 救命 😔")
    made = concern_file(work, concern, ann)

    text = text_of(made)

    assert "please help [person with folded hands" in text and "[2 signs that this page cannot show" in text
    assert "😔" in text and "救命" in made.json.decode()


def test_a_long_text_goes_over_pages_and_every_page_is_marked(work: Session, ann: Staff) -> None:
    words = " ".join(f"word{number}" for number in range(900)) + " " + "x" * 800
    made = concern_file(work, lived(work, ann, words), ann)

    pages = PdfReader(io.BytesIO(concern_pdf(made))).pages

    texts = [" ".join(page.extract_text().split()) for page in pages]
    assert len(pages) > 2
    for number, text in enumerate(texts, 1):
        for part in (
            "OFFICIAL – SENSITIVE", made.data["concern"]["reference"], "HMP Leeds", made.sha256,
            "by Ann Example (ann@prison.invalid)", f"Page {number} of {len(pages)}",
        ):  # fmt: skip
            assert part in text, part
    found = [word for text in texts for word in text.split() if word.startswith("word")]
    assert found.count("word0") >= 1 and {f"word{number}" for number in range(900)} <= set(found)
    assert "".join(texts).count("x") >= 1600


def test_what_a_family_writes_is_text_and_nothing_else(work: Session, ann: Staff) -> None:
    made = concern_file(work, lived(work, ann, HOSTILE), ann)
    reader = PdfReader(io.BytesIO(concern_pdf(made)))

    assert HOSTILE in " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert not any("/Annots" in page for page in reader.pages)
    assert json.loads(made.json)["words"][0]["text"] == HOSTILE


def test_the_hash_on_the_pages_is_that_of_the_json_inside_the_pdf(work: Session, ann: Staff) -> None:
    concern = lived(work, ann)
    made = concern_file(work, concern, ann)
    ((name, (inside,)),) = PdfReader(io.BytesIO(concern_pdf(made))).attachments.items()

    assert name == f"{concern.reference}.json" and inside == made.json
    assert hashlib.sha256(inside).hexdigest() == made.sha256


def test_making_a_file_is_a_line_in_the_log_with_its_hash(work: Session, ann: Staff) -> None:
    concern = lived(work, ann)
    made = concern_file(work, concern, ann)

    row = work.scalars(select(LogEntry).where(LogEntry.event == "concern:filed")).one()
    assert (row.actor, row.concern_id, row.details) == (f"staff:{ann.id}", concern.id, {"sha256": made.sha256})


@pytest.mark.parametrize("reader", ["somebody of the prison", "the operator"])
def test_another_concern_of_the_same_family_is_left_out(work: Session, ann: Staff, reader: str) -> None:
    concern = lived(work, ann)
    conversation = work.get_one(Conversation, concern.conversation_id)
    other = a_concern(work, "i want to die myself", prison=None, conversation=conversation, subject="caller")
    say_to_family(work, conversation, Reply(f"We have {other.reference}."), sender="system")

    made = concern_file(work, concern, ann if reader.startswith("somebody") else None)

    assert "die myself" not in made.json.decode() and other.reference not in made.json.decode()
    assert made.data["conversation"]["left_out"] == 2 and POLISH in made.json.decode()


def test_the_number_of_who_wants_no_contact_and_a_chats_token_are_in_no_file(work: Session, ann: Staff) -> None:
    concern = lived(work, ann)
    assert concern_file(work, concern, ann).data["concern"]["conversation"] == NUMBER
    concern.contact_allowed = False
    by_chat = a_concern(work, "he wont eat")

    assert concern_file(work, concern, ann).data["concern"]["conversation"] is None
    assert sign(by_chat.conversation_id) not in concern_file(work, by_chat, ann).json.decode()


# ----- the command -----


def gateway(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["concerns", "file", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_writes_both_for_their_owner_alone(work: Session, ann: Staff, tmp_path: Path) -> None:
    concern = lived(work, ann)
    pdf, written = tmp_path / "out.pdf", tmp_path / "out.json"

    code, said = gateway(concern.reference.lower(), "--pdf", pdf, "--json", written)

    assert code == 0 and hashlib.sha256(written.read_bytes()).hexdigest() in said
    assert PdfReader(pdf).attachments[f"{concern.reference}.json"] == [written.read_bytes()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (pdf, written)} == {0o600}
    assert json.loads(written.read_text())["produced_by"] == say("file.operator")


def test_the_command_writes_nothing_over_and_says_what_is_wrong(work: Session, ann: Staff, tmp_path: Path) -> None:
    concern, elsewhere = lived(work, ann), a_concern(work, prison="HLI")
    work.commit()
    there = tmp_path / "there.json"
    there.write_text("mine")

    assert gateway(concern.reference, "--json", there)[0] == 1 and there.read_text() == "mine"
    for wrong in (
        [concern.reference],
        ["ABC-2345", "--json", tmp_path / "a"],
        [elsewhere.reference, "--json", tmp_path / "b", "--for", "ann@prison.invalid"],
        [concern.reference, "--json", tmp_path / "c", "--for", "nobody@prison.invalid"],
    ):
        code, said = gateway(*wrong)
        assert code == 2 and len(said.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == [there]


def test_what_was_said_later_is_in_a_later_file(work: Session, ann: Staff) -> None:
    concern = lived(work, ann)
    message = a_message(work, "he rang, he is better", work.get_one(Conversation, concern.conversation_id))
    service.add_words(work, concern, message.id)

    assert [word["text"] for word in concern_file(work, concern, ann).data["words"]] == [POLISH, message.text]
