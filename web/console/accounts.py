"""Our staff as Flask-Security wants to see them: no session of the database stays open between requests."""

from typing import Any, cast

from flask_security import RoleMixin, UserMixin
from flask_security.datastore import UserDatastore
from sqlalchemy import select
from sqlalchemy.orm import lazyload

from gateway.db import unit_of_work
from gateway.staff.models import Staff
from gateway.staff.roles import Role
from gateway.staff.service import staff_by_email


class Account(UserMixin):
    """Who is signed in: a copy of their row, with what signing in needs."""

    fs_uniquifier = ""  # Flask-Security looks for it on the class

    def __init__(self, staff: Staff) -> None:
        self.id = staff.id
        self.email = staff.email
        self.name = staff.name
        self.password = staff.password
        self.active = staff.active
        self.fs_uniquifier = staff.fs_uniquifier
        self.reads_unrouted = staff.reads_unrouted
        self.may_be = frozenset(map(Role, staff.roles))  # under `roles` Flask-Security wants objects of its own


class Accounts(UserDatastore):
    """Finds accounts and stores what signing in changes about them."""

    def __init__(self) -> None:
        super().__init__(Account, RoleMixin)

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> Account | None:
        """The account with this e-mail, or with this value in another column that is unique."""
        ((column, value),) = wanted.items()
        with unit_of_work() as session:
            if column == "email":
                staff = staff_by_email(session, value)
            else:
                # Asked for each page, and an account has no prisons.
                query = select(Staff).where(getattr(Staff, column) == value)
                staff = session.scalar(query.options(lazyload(Staff.prisons)))
            return Account(staff) if staff else None

    def put(self, account: Account) -> Account:
        """Keep a new hash of the password, or the new mark that ends all sessions."""
        with unit_of_work() as session:
            staff = session.get_one(Staff, account.id)
            staff.password, staff.fs_uniquifier = cast(str, account.password), account.fs_uniquifier
        return account
