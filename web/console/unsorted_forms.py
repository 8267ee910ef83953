"""The forms in which staff decide of a message: make it a concern, or dismiss it."""

from collections.abc import Mapping
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSelect, GovTextArea
from wtforms import Field, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from gateway.concerns.deciding import Chosen
from gateway.wording import choices
from web.console.forms import LONGEST_NOTE, TOO_LONG, tidy

NOT_KNOWN = ("", "Not known")
IN_WORDS = "other"


class MakeForm(FlaskForm):
    """What the concern begins as. Sent without any of it, as by one button on a list, it is what is likeliest."""

    urgency = SelectField("How urgent is it?", widget=GovSelect())
    category = SelectField("What kind is it?", widget=GovSelect())
    subject = SelectField("Whose safety is it about?", widget=GovSelect())
    prison = SelectField("Which prison?", widget=GovSelect())

    def __init__(self, *, likely: Chosen, named: str | None, prisons: Mapping[str, str], **options: Any) -> None:
        named = named if named in prisons else None
        likeliest = {"urgency": likely.urgency, "category": likely.category, "subject": likely.subject}
        super().__init__(data=likeliest | {"prison": named or ""}, **options)
        self.urgency.choices = list(choices("urgencies").items())
        self.category.choices = list(choices("categories").items())
        self.subject.choices = list(choices("subjects").items())
        self.prison.choices = [*([] if named else [NOT_KNOWN]), *prisons.items()]

    def chosen(self) -> Chosen:
        """As the concern takes it."""
        return Chosen(self.urgency.data, self.category.data, self.subject.data, self.prison.data or None)


class DismissForm(FlaskForm):
    """Why a message is no concern."""

    reason = RadioField(
        "Why is it no concern?", widget=GovRadioInput(), validators=[InputRequired("Choose why it is no concern")]
    )
    words = TextAreaField(
        "Anything to add",
        widget=GovTextArea(),
        filters=[tidy],
        validators=[Length(max=LONGEST_NOTE, message=TOO_LONG)],
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.reason.choices = list(choices("dismissal_reasons").items())

    def validate_words(self, field: Field) -> None:
        """Something else is nothing unless it is said."""
        if self.reason.data == IN_WORDS and not field.data:
            raise ValidationError("Write why it is no concern")
