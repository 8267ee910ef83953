"""The staff console: sign in, see what waits, read a concern, answer for it."""

from web.console import (
    acts,
    callbacks,
    concern,
    errors,
    feedback,
    finishing,
    lists,
    media,
    privacy,
    putting_right,
    sign_in,
    telling,
    template_words,
)
from web.console.blueprint import console

__all__ = [
    "acts",
    "callbacks",
    "concern",
    "console",
    "errors",
    "feedback",
    "finishing",
    "lists",
    "media",
    "privacy",
    "putting_right",
    "sign_in",
    "telling",
    "template_words",
]
