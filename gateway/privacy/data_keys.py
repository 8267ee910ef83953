"""The key under which a conversation's words are kept, where the installation seals them."""

import uuid
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy.orm import Session

VAULT = "gateway.privacy.vault"


def destroy(session: Session, owner: uuid.UUID) -> None:
    """Make what is left of a conversation unreadable, also in backups."""
    if find_spec(VAULT):
        import_module(VAULT).destroy(session, owner)
