"""The form in which staff say which concern they look for."""

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextInput
from wtforms import DateField, Field, SelectField, StringField
from wtforms.validators import Length, Optional, ValidationError

from gateway.concerns.find import Wanted, who
from gateway.concerns.tokens import searched_words
from gateway.db import now
from gateway.spoken import UK
from web.console.typed import YEARS

LONGEST = 200
DAYS = ["%d/%m/%Y", "%d %m %Y", "%d %B %Y", "%d %b %Y", "%d.%m.%Y", "%Y-%m-%d"]
NO_DAY = "Enter a day, such as 27/3/2026"


def _tidy(typed: str | None) -> str:
    return " ".join((typed or "").replace("\x00", "").split())


def _words(label: str, hint: str, **options: Any) -> StringField:
    return StringField(
        label, description=hint, widget=GovTextInput(), filters=[_tidy],
        validators=[Length(max=LONGEST, message=f"Enter {LONGEST} characters or fewer")],
        render_kw={"autocomplete": "off", "spellcheck": "false"} | options,
    )  # fmt: skip


def _day(label: str) -> DateField:
    return DateField(
        label, description="For example, 27/3/2026", format=DAYS, invalid_value_message=NO_DAY,
        widget=GovTextInput(), validators=[Optional()],
        render_kw={"autocomplete": "off", "params": {"classes": "govuk-input--width-10"}},
    )  # fmt: skip


class FindForm(FlaskForm):
    """All that is given must fit. The page itself adds the token."""

    class Meta:
        """A search is also read from its sealed token, which no form has sent."""

        csrf = False

    who = _words(
        "Reference, name, prison number or telephone number",
        "A name may be part of one, with a letter wrong. The telephone number is the family’s.",
    )
    words = _words("Words that the family wrote", "All of them must stand in what they wrote, in any order.")
    since = _day("Raised on or after")
    until = _day("Raised on or before")
    prison = SelectField("Prison", widget=GovSelect(), default="")

    def __init__(self, *args: Any, prisons: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.prison.choices = [("", "Any of mine"), *prisons]

    def validate_who(self, field: Field) -> None:
        """Something that could be looked up."""
        if field.data and not who(field.data):
            raise ValidationError(
                "Enter a reference such as ABC-4KQ7, a name of two letters or more, a prison number such as A1234BC, "
                "or a whole telephone number"
            )

    def validate_words(self, field: Field) -> None:
        """A word that is not in nearly every message."""
        if field.data and not searched_words(field.data):
            raise ValidationError("Enter a word that says more: nearly every message has these")

    def validate_since(self, field: Field) -> None:
        """A day on which something can have been raised."""
        if field.data and field.data > _today():
            raise ValidationError("Enter a day that is not in the future")

    def validate_until(self, field: Field) -> None:
        """Not before the first day."""
        if field.data and field.data.year not in YEARS:
            raise ValidationError(NO_DAY)
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError("Enter a last day that is not before the first")

    def validate(self, *args: Any, **options: Any) -> bool:
        """One of the fields at least."""
        if not super().validate(*args, **options):
            return False
        if not any(self.typed().values()):
            self.who.errors = ["Enter something to look for"]
        return not self.who.errors

    def typed(self) -> dict[str, str]:
        """What was typed, as it is kept in the token."""
        return {field.name: str(field.raw_data[0]) if field.raw_data else "" for field in self}

    def wanted(self) -> Wanted:
        """What is looked for, once validated."""
        return Wanted(
            **who(self.who.data or ""), words=self.words.data or None, since=self.since.data, until=self.until.data,
            prison=self.prison.data or None,
        )  # fmt: skip


def _today() -> date:
    return now().astimezone(UK).date()
