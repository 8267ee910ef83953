"""The staff console: sign in, see what waits, read a concern, answer for it."""

from web.console import (
    callbacks,
    concern,
    errors,
    feedback,
    invitation,
    lists,
    log,
    media,
    people,
    permissions,
    prisons,
    privacy,
    running,
    sign_in,
    template_words,
    wording,
)
from web.console.blueprint import console

__all__ = [
    "callbacks",
    "concern",
    "console",
    "errors",
    "feedback",
    "invitation",
    "lists",
    "log",
    "media",
    "people",
    "permissions",
    "privacy",
    "prisons",
    "running",
    "sign_in",
    "template_words",
    "wording",
]
