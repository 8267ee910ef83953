"""The staff console: sign in, see what waits, read a concern, answer for it."""

from web.console import concern, errors, lists, sign_in, template_words
from web.console.blueprint import console

__all__ = ["concern", "console", "errors", "lists", "sign_in", "template_words"]
