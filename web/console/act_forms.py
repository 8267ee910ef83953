"""The forms of what staff do about a concern, beside those with words alone."""

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSelect, GovTextArea, GovTextInput
from wtforms import Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from gateway.concerns.closing import FITTING
from gateway.concerns.models import Concern
from gateway.wording import choices
from web.console.forms import LONGEST_NOTE, TOO_LONG, ActForm, ReasonForm, SeenForm, tidy

WHOEVER_COMES = "next"
NOTHING_CHOSEN = ("", "Choose")


class GiveForm(ActForm):
    """Give it to a colleague, or hand it over with a note to a colleague or to whoever comes next."""

    to = SelectField("To whom?", widget=GovSelect(), validators=[DataRequired("Choose who is to have it")])
    text = TextAreaField(
        "What must they know?",
        widget=GovTextArea(),
        filters=[tidy],
        validators=[Length(max=LONGEST_NOTE, message=TOO_LONG)],
    )

    def __init__(self, *args: Any, colleagues: dict[int, str], **options: Any) -> None:
        super().__init__(*args, **options)
        named = [(str(id), name) for id, name in colleagues.items()]
        self.to.choices = [NOTHING_CHOSEN, *named, (WHOEVER_COMES, "Whoever comes on next")]

    def validate_text(self, field: Field) -> None:
        """Who leaves it to nobody in particular leaves at least a word."""
        if self.to.data == WHOEVER_COMES and not field.data:
            raise ValidationError("Write what the next person must know")

    @property
    def to_id(self) -> int | None:
        """The colleague; none for whoever comes next."""
        return None if self.to.data == WHOEVER_COMES else int(self.to.data)


class ActionForm(ActForm):
    """Something that was done."""

    kind = RadioField("What was done?", widget=GovRadioInput(), validators=[InputRequired("Choose what was done")])
    remark = TextAreaField(
        "Anything to add",
        widget=GovTextArea(),
        filters=[tidy],
        validators=[Length(max=LONGEST_NOTE, message=TOO_LONG)],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind.choices = list(choices("outcomes").items())


class CorrectForm(ReasonForm):
    """What the computer got wrong."""

    urgency = SelectField("Urgency", widget=GovSelect())
    category = SelectField("Category", widget=GovSelect())
    subject = SelectField("About", widget=GovSelect())

    def __init__(self, *args: Any, concern: Concern, **options: Any) -> None:
        self._now = {name: getattr(concern, name) for name in ("urgency", "category", "subject")}
        super().__init__(*args, data=self._now, **options)
        self.urgency.choices = list(choices("urgencies").items())
        self.category.choices = list(choices("categories").items())
        self.subject.choices = list(choices("subjects").items())

    def validate_subject(self, field: Field) -> None:
        """At least one of the three is otherwise than it was."""
        if self.right() == self._now:
            raise ValidationError("Change the urgency, the category or whom it is about")

    def right(self) -> dict[str, str]:
        """What is right, by the concern's field."""
        return {name: str(getattr(self, name).data) for name in self._now}


class MoveForm(ReasonForm):
    """Another prison that it belongs to."""

    prison = SelectField("Prison", widget=GovSelect(), validators=[DataRequired("Choose the prison")])

    def __init__(self, *args: Any, prisons: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.prison.choices = [NOTHING_CHOSEN, *prisons.items()]


class LinkForm(SeenForm):
    """Another concern about the same person."""

    other = StringField(
        "Reference of the other concern",
        widget=GovTextInput(),
        filters=[tidy],
        validators=[DataRequired("Write the reference, such as ABC-4KQ7")],
    )


class UnlinkForm(SeenForm):
    """A linked concern that is about somebody else."""

    other = HiddenField(validators=[DataRequired()])


class CloseForm(SeenForm):
    """What was done, and what the family is told. Without the first nothing is closed."""

    outcome = RadioField("What was done?", widget=GovRadioInput(), validators=[InputRequired("Choose what was done")])
    told = RadioField("What is the family told?", widget=GovRadioInput(), default=FITTING)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.outcome.choices = list(choices("outcomes").items())
        self.told.choices = list(choices("closing_told").items())
