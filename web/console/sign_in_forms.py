"""The forms by which staff come in."""

import re
from typing import Any

from flask import request
from flask_security import LoginForm
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovTextInput
from wtforms import Field, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from gateway.db import unit_of_work
from gateway.staff import tries
from gateway.staff.second_factor import Refused
from gateway.staff.security_keys import Refused as KeyRefused

# One sentence for every wrong pair, so that nobody learns which addresses have an account.
WRONG = "The e-mail address or the password is not right"
TOO_MANY = "That was too many tries. Wait 15 minutes, or ask whoever runs this service to let you try again now"
WRONG_CODE = "This code is not right. Enter the one that the app shows now"
USED_CODE = "This code was used already. Wait until the app shows the next one, then enter that"
# As browsers write an address: a sign that they would leave out or read as another is none of ours.
_HERE = re.compile(r"/console/[!-\[\]-~]{0,2000}")
WRONG_RECOVERY_CODE = "This recovery code is not right, or it was used before"

KEY_REFUSED = {
    KeyRefused.WRONG: "This key was not accepted. Try again",
    KeyRefused.LATE: "That took too long, or it was sent twice. Try again",
    KeyRefused.TAKEN: "This key is in use already. Try another",
    KeyRefused.WENT_BACK: "This key was not accepted: there may be a copy of it. Enter a code from your app, "
    "remove the key from your account and tell whoever runs this service",
    KeyRefused.TOO_MANY: TOO_MANY,
}


def _tidy(typed: str | None) -> str:
    return (typed or "").replace("\x00", "").strip()


class SignInForm(LoginForm):
    """Flask-Security's check of a password, with our words and a limit to guessing."""

    email: StringField = StringField(
        "E-mail address",
        widget=GovTextInput(),
        filters=[_tidy],
        validators=[InputRequired("Enter your e-mail address")],
        render_kw={"type": "email", "autocomplete": "username", "spellcheck": "false"},
    )
    password: PasswordField = PasswordField(
        "Password",
        widget=GovPasswordInput(),
        validators=[InputRequired("Enter your password")],
    )
    remember = None
    submit = None

    def validate_next(self, field: Field) -> None:
        """Nobody is sent on to another site, only back into the console."""
        field.data = only_here(field.data)

    def validate(self, **options: Any) -> bool:
        """Whether this is a person of ours. A wrong pair is counted; which half was wrong is not said."""
        if not (self.email.data and self.password.data):
            return super().validate(**options)
        who = (self.email.data, request.remote_addr or "")
        with unit_of_work() as work:
            if tries.too_many(work, *who):
                self.form_errors = [TOO_MANY]
                return False
        if super().validate(**options):
            return True
        with unit_of_work() as work:
            tries.failed(work, *who)
        self.email.errors, self.password.errors, self.form_errors = [], [], [WRONG]
        return False


def only_here(address: str | None) -> str:
    """An address if it is one of the console, and else nothing. It waits in the session's cookie, which has an end."""
    return address if address and _HERE.fullmatch(address) else ""


class CodeForm(FlaskForm):
    """A code that the app on the person's phone shows."""

    code = StringField(
        "Code from your app",
        description="The 6 figures that the app shows for Family Gateway now",
        widget=GovTextInput(),
        filters=[_tidy],
        validators=[InputRequired("Enter the code that the app shows")],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "spellcheck": "false"},
    )
    wrong = WRONG_CODE

    def refuse(self, why: Refused) -> None:
        """Say beside the field why the code was not taken, and leave the field empty for another."""
        self.code.data = ""
        self.code.errors = [{Refused.TOO_MANY: TOO_MANY, Refused.USED: USED_CODE}.get(why, self.wrong)]


class RecoveryCodeForm(CodeForm):
    """One of the codes that the person printed when they set up the app."""

    code = StringField(
        "Recovery code",
        description="Such as 12ab-34cd-56ef. Each can be used once",
        widget=GovTextInput(),
        filters=[_tidy],
        validators=[InputRequired("Enter a recovery code")],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    wrong = WRONG_RECOVERY_CODE


class NewKeyForm(CodeForm):
    """A name for a security key, and the code without which nobody adds one at a screen that was left alone."""

    name = StringField(
        "Name of the key",
        description="By which you know it again, such as “blue key” or “work laptop”",
        widget=GovTextInput(),
        filters=[_tidy],
        validators=[InputRequired("Enter a name for the key"), Length(max=60, message="The name is too long")],
        render_kw={"autocomplete": "off"},
    )
