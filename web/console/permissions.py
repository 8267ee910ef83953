"""Who may open what: one line for each endpoint of the console, asked before every request.

Whose prison a thing belongs to is another question, and `gateway.staff.service.may_see` answers it. A page without a
line here is nobody's.
"""

import logging

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from gateway.staff.roles import ANSWERS, READS_CONCERNS, Role
from web.console import sign_in  # noqa: F401  # its gate hangs before ours
from web.console.blueprint import OPEN, console

logger = logging.getLogger(__name__)

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
COUNTS = frozenset(Role) - ADMINISTRATOR
EVERYBODY = frozenset(Role)

MAY_REACH: dict[str, frozenset[Role]] = {
    # Concerns
    "queue": READS_CONCERNS,
    "queue_renewed": READS_CONCERNS,
    "queue_filter": READS_CONCERNS,
    "closed": READS_CONCERNS,
    "find": READS_CONCERNS,
    "find_for": READS_CONCERNS,
    "concern": READS_CONCERNS,
    "media": READS_CONCERNS,
    "note": READS_CONCERNS,
    "sentence": READS_CONCERNS,
    "acknowledge": ANSWERS,
    "ask": READS_CONCERNS,
    "free": ANSWERS,
    "claim": ANSWERS,
    "give": ANSWERS,
    "action": ANSWERS,
    "correct": ANSWERS,
    "move": ANSWERS,
    "link": ANSWERS,
    "unlink": ANSWERS,
    "confirm": ANSWERS,
    "keep_open": ANSWERS,
    "reopen": ANSWERS,
    "close": ANSWERS,
    "file": ANSWERS,
    # Other lists
    "handover": READS_CONCERNS,
    "possible": ANSWERS,
    "not_processed": ANSWERS,
    "message": ANSWERS,
    "message_make": ANSWERS,
    "message_dismiss": ANSWERS,
    "message_bring_back": ANSWERS,
    "callbacks": READS_CONCERNS,
    "callback_done": READS_CONCERNS,
    "callback_undo": READS_CONCERNS,
    "feedback": READS_CONCERNS,
    "feedback_file": READS_CONCERNS,
    "erasure_requests": ANSWERS,
    "erase": ANSWERS,
    # Figures
    "figures": COUNTS,
    "figures_file": COUNTS,
    # Administration
    "people": ADMINISTRATOR,
    "person_new": ADMINISTRATOR,
    "person_add": ADMINISTRATOR,
    "person": ADMINISTRATOR,
    "person_change": ADMINISTRATOR,
    "person_invite": ADMINISTRATOR,
    "person_shut_out": ADMINISTRATOR,
    "person_let_in": ADMINISTRATOR,
    "digests": ADMINISTRATOR,
    "digest": ADMINISTRATOR,
    "digest_change": ADMINISTRATOR,
    "person_forgive": ADMINISTRATOR,
    "prisons": ADMINISTRATOR,
    "prison": ADMINISTRATOR,
    "prison_test": ADMINISTRATOR,
    "approved_wording": ADMINISTRATOR,
    "settings": ADMINISTRATOR,
    "log": ADMINISTRATOR,
    "log_verify": ADMINISTRATOR,
    # One's own account
    "account": EVERYBODY,
    "recovery_codes": EVERYBODY,
    "recovery_codes_kept": EVERYBODY,
    "security_keys": EVERYBODY,
    "security_key_begin": EVERYBODY,
    "security_key_new": EVERYBODY,
    "security_key_add": EVERYBODY,
    "security_key_remove": EVERYBODY,
    "sign_out": EVERYBODY,
}

# Where somebody comes to who signs in: the first of these that they may open.
HOMES = ("queue", "figures", "people")


def may_open(endpoint: str) -> bool:
    """Whether whoever is signed in has a role for this endpoint, named without `console.`."""
    return current_user.is_authenticated and not MAY_REACH.get(endpoint, frozenset()).isdisjoint(current_user.may_be)


console.add_app_template_global(may_open)


@console.before_request
def only_with_a_role() -> ResponseReturnValue | None:
    """403 for whom a page is not meant, and 404 for everybody where nobody said whom it is meant for."""
    if request.endpoint in OPEN:
        return None
    endpoint = str(request.endpoint).removeprefix("console.")
    if endpoint not in MAY_REACH:
        logger.error("console.page_without_a_rule", extra={"endpoint": endpoint})
        abort(404)
    if may_open(endpoint):
        return None
    if endpoint == HOMES[0] and (home := next(filter(may_open, HOMES), None)):
        return redirect(url_for(f"console.{home}"))
    abort(403)
