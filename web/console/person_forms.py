"""The forms about one member of staff."""

import re
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovPasswordInput, GovTextInput
from wtforms import PasswordField, SelectMultipleField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from gateway.staff.models import Staff
from gateway.staff.passwords import SHORTEST
from gateway.staff.roles import Role
from gateway.wording import choices

ALL = "all"
UNROUTED = "unrouted"


def _tidy(typed: str | None) -> str:
    return (typed or "").replace("\x00", "").strip()


class MayForm(FlaskForm):
    """What somebody may do, and which prisons they see."""

    roles = SelectMultipleField(
        "What is their work?", widget=GovCheckboxesInput(), validators=[InputRequired("Choose what their work is")]
    )
    prisons = StringField("Which prisons do they see?", widget=GovTextInput(), filters=[_tidy])
    also = SelectMultipleField("What else do they see?", widget=GovCheckboxesInput())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.roles.choices = [(role.value, choices("roles")[role.value]) for role in Role]
        self.also.choices = [(UNROUTED, "Concerns without a prison, and callers’ own risk")]

    @classmethod
    def of(cls, staff: Staff) -> "MayForm":
        """The form as it stands for somebody."""
        prisons = " ".join(prison.id for prison in staff.prisons)
        return cls(formdata=None, roles=staff.roles, prisons=prisons, also=[UNROUTED] * staff.reads_unrouted)

    def given(self) -> dict[str, Any]:
        """What was chosen, as the services take it."""
        typed = str(self.prisons.data)
        prisons: Any = "all" if typed.lower() == ALL else [one for one in re.split(r"[\s,;]+", typed) if one]
        return {"roles": self.roles.data, "prisons": prisons, "reads_unrouted": UNROUTED in (self.also.data or [])}


class NewPersonForm(MayForm):
    """Somebody who has no account yet."""

    name = StringField(
        "Name", widget=GovTextInput(), filters=[_tidy],
        validators=[InputRequired("Enter their name"), Length(max=200, message="The name is too long")],
    )  # fmt: skip
    email = StringField(
        "E-mail address", widget=GovTextInput(), filters=[_tidy],
        validators=[InputRequired("Enter their e-mail address"), Length(max=254, message="The address is too long")],
        render_kw={"type": "email", "autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


class PasswordForm(FlaskForm):
    """A password of one's own, typed twice."""

    password = PasswordField(
        "New password", widget=GovPasswordInput(), render_kw={"params": {"autocomplete": "new-password"}},
        validators=[
            InputRequired("Enter a password"),
            Length(min=SHORTEST, message=f"The password needs {SHORTEST} characters or more"),
            Length(max=1000, message="The password is too long"),
        ],
    )  # fmt: skip
    again = PasswordField(
        "The same password again", widget=GovPasswordInput(), render_kw={"params": {"autocomplete": "new-password"}},
        validators=[InputRequired("Enter the password again"), EqualTo("password", "The two are not the same")],
    )  # fmt: skip
