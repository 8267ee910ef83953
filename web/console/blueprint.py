"""The console's blueprint, by itself so that every page can hang on it."""

from flask import Blueprint

console = Blueprint("console", __name__, url_prefix="/console")

# The pages for whoever is not signed in, or only half.
OPEN = frozenset(
    {
        "console.sign_in",
        "console.invitation",
        "console.second_factor",
        "console.second_factor_set_up",
        "console.recovery_code",
        "console.sign_in_key",
        "console.sign_in_key_challenge",
        "console.oidc",
        "console.oidc_back",
        "console.oidc_out",
    }
)

# Asked for by a page itself, again and again: no sign that anybody is there.
RENEWALS = frozenset({"console.queue_renewed"})
