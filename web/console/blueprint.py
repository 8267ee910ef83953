"""The console's blueprint, by itself so that every page can hang on it."""

from flask import Blueprint

console = Blueprint("console", __name__, url_prefix="/console")

# The pages for whoever is not signed in.
OPEN = frozenset({"console.sign_in", "console.invitation"})
