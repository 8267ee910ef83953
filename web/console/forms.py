"""What the forms on a concern's page share, and those with words in them: notes, words to the family, reasons."""

import hashlib
import re
import uuid
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextArea
from wtforms import Field, HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from gateway.concerns.free_words import LONGEST
from gateway.concerns.questions import LONGEST_QUESTION

LONGEST_NOTE = 5000
TOO_LONG = f"The note must have {LONGEST_NOTE:,} characters or fewer"


def tidy(text: str | None) -> str:
    """Text as the database takes it, with one kind of line end."""
    return (text or "").replace("\x00", "").replace("\r\n", "\n").strip()


class SeenForm(FlaskForm):
    """A form that says what its page showed: the last line of the concern's log."""

    seen = HiddenField()

    @property
    def seen_id(self) -> int | None:
        """That line's id; none in what our page did not make."""
        return int(self.seen.data) if re.fullmatch("[0-9]{1,18}", str(self.seen.data or "")) else None


class ActForm(SeenForm):
    """A form whose act has an id of its own, so that sending it twice does it once."""

    act = HiddenField(default=lambda: str(uuid.uuid4()))

    @property
    def act_id(self) -> uuid.UUID:
        """The id, once validated."""
        return uuid.UUID(self.act.data)

    def validate_act(self, field: Field) -> None:
        """The page made the id; whoever sends another did not use the page."""
        try:
            uuid.UUID(field.data or "")
        except ValueError as error:
            raise ValidationError("Load this page again and send the form once more") from error


class NoteForm(ActForm):
    """Something for colleagues."""

    text = TextAreaField(
        "Note",
        widget=GovTextArea(),
        filters=[tidy],
        validators=[
            DataRequired("Write the note"),
            Length(max=LONGEST_NOTE, message=TOO_LONG),
        ],
    )


class SentenceForm(ActForm):
    """One of the approved sentences for the family."""

    sentence = RadioField(
        "Choose a sentence to send",
        widget=GovRadioInput(),
        validators=[InputRequired("Choose a sentence to send")],
    )

    def __init__(self, *args: Any, fitting: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.sentence.choices = list(fitting.items())


class FreeForm(ActForm):
    """The officer's own words for the family, and why they are sent in spite of a warning."""

    text = TextAreaField(
        "Your own words to the family",
        widget=GovTextArea(),
        filters=[tidy],
        validators=[
            DataRequired("Write what the family is to be told"),
            Length(max=LONGEST, message=f"The text must have {LONGEST} characters or fewer"),
        ],
    )
    reason = TextAreaField(
        "Why must it be said like this?",
        widget=GovTextArea(),
        filters=[tidy],
        validators=[Length(max=LONGEST_NOTE, message=TOO_LONG)],
    )
    # The text whose warnings were shown: a reason counts for that one only.
    shown = HiddenField()

    def reason_given(self) -> str:
        """The reason, if the officer has seen what it is given for."""
        return str(self.reason.data) if self.shown.data == self.digest() else ""

    def digest(self) -> str:
        """Stands for the text as it is now."""
        return hashlib.sha256(str(self.text.data).encode()).hexdigest()


class AskForm(FreeForm):
    """A question to the family, checked as other words are."""

    text = TextAreaField(
        "Your question to the family",
        widget=GovTextArea(),
        filters=[tidy],
        validators=[
            DataRequired("Write what the family is to be asked"),
            Length(max=LONGEST_QUESTION, message=f"The question must have {LONGEST_QUESTION} characters or fewer"),
        ],
    )


class ReasonForm(ActForm):
    """Why something is done, as a note for colleagues."""

    reason = TextAreaField(
        "Why?",
        widget=GovTextArea(),
        filters=[tidy],
        validators=[DataRequired("Write why"), Length(max=LONGEST_NOTE, message=TOO_LONG)],
    )
