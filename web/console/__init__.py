"""The staff console: sign in, see what waits, read a concern, answer for it."""

from web.console import (
    account,
    callbacks,
    concern,
    errors,
    feedback,
    lists,
    media,
    oidc,
    privacy,
    second_factor,
    sign_in,
    template_words,
)
from web.console.blueprint import console

__all__ = [
    "account",
    "callbacks",
    "concern",
    "console",
    "errors",
    "feedback",
    "lists",
    "media",
    "oidc",
    "privacy",
    "second_factor",
    "sign_in",
    "template_words",
]
