"""The forms of the chat page."""

from flask_wtf import FlaskForm
from wtforms import TextAreaField, ValidationError
from wtforms.fields import Field

from web.chat.text import clean, fault
from web.errors import sentence

# People leave the page open all evening. When it fails all the same, the words are still in the box.
TOKEN_SECONDS = 30 * 24 * 3600


class ChatForm(FlaskForm):
    """A form with nothing in it but the proof that our own page sent it."""

    class Meta(FlaskForm.Meta):
        csrf_time_limit = TOKEN_SECONDS


class MessageForm(ChatForm):
    """What the family writes, or what a pressed button sends."""

    text = TextAreaField(filters=[lambda text: clean(text or "")])

    def validate_text(self, field: Field) -> None:
        """Refuse what the JSON would refuse, in the same words."""
        if reason := fault(field.data):
            raise ValidationError(sentence(reason))

    @property
    def problem(self) -> str | None:
        """What to tell the family, if the form was sent and cannot be taken."""
        if "csrf_token" in self.errors:
            return sentence("stale_page")
        return next(iter(self.text.errors), None)

    @property
    def is_too_long(self) -> bool:
        """Whether it is the length that stands in the way."""
        return fault(self.text.data) == "too_long"
