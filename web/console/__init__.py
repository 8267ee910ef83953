"""The staff console: sign in, see what waits, read a concern, answer for it."""

from web.console import callbacks, concern, errors, feedback, find, lists, media, privacy, sign_in, template_words
from web.console.blueprint import console

__all__ = [
    "callbacks",
    "concern",
    "console",
    "errors",
    "feedback",
    "find",
    "lists",
    "media",
    "privacy",
    "sign_in",
    "template_words",
]
