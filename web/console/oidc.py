"""Signing in by the organisation's own accounts, with OpenID Connect. Authlib checks state, nonce and the token."""

import logging
from collections.abc import Mapping
from typing import Any, cast

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from gateway.config import Settings
from gateway.db import unit_of_work
from gateway.staff import identities
from web.console import sign_in
from web.console.accounts import Account
from web.console.blueprint import console
from web.console.sign_in_forms import only_here

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5
# What the provider says, or does not say, that it should: the last three where it keeps to no standard.
BAD_ANSWER = (AuthlibBaseError, JoseError, KeyError, ValueError, RuntimeError)


def set_up(app: Flask) -> None:
    """Know the provider, if one is set. It is asked for its addresses and keys when they are first needed."""
    configuration: Settings = app.config["SETTINGS"]
    if not configuration.oidc_is_set:
        return
    OAuth(app).register(
        "oidc",
        client_id=configuration.oidc_client_id,
        client_secret=configuration.oidc_client_secret,
        server_metadata_url=f"{configuration.oidc_issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


@console.get("/sign-in/organisation")
def oidc() -> ResponseReturnValue:
    """Off to the provider."""
    session.clear()
    session["oidc_wanted"] = only_here(request.args.get("next"))
    try:
        return cast(ResponseReturnValue, _provider().authorize_redirect(_ours("console.oidc_back")))
    except (requests.RequestException, *BAD_ANSWER) as error:
        return _back_with("oidc_away", error)


@console.get("/sign-in/organisation/back")
def oidc_back() -> ResponseReturnValue:
    """Back from the provider: who is it, and are they one of ours?"""
    provider, wanted = _provider(), session.get("oidc_wanted", "")
    try:
        claims = _claims(provider)
    except requests.RequestException as error:
        return _back_with("oidc_away", error)
    except BAD_ANSWER as error:
        return _back_with("oidc_failed", error)
    with unit_of_work() as work:
        found = identities.signed_in(work, _settings().oidc_issuer, claims)
        account = None if isinstance(found, identities.Refused) else Account(found)
    if account is None:
        return _back_with(str(found))
    if "mfa" in (claims.get("amr") or []):  # the provider has asked for a second proof already: RFC 8176
        return sign_in.let_in(account, ["oidc", "mfa"], wanted)
    return sign_in.go_on(account, ["oidc"], wanted)


@console.get("/sign-out/organisation")
def oidc_out() -> ResponseReturnValue:
    """End the session at the provider too, for who is signed out here already."""
    try:
        return cast(
            ResponseReturnValue,
            _provider().logout_redirect(_ours("console.sign_in"), client_id=_settings().oidc_client_id),
        )
    except (requests.RequestException, *BAD_ANSWER) as error:
        return _back_with("oidc_still_in", error)


def _claims(provider: FlaskOAuth2App) -> Mapping[str, Any]:
    """What the provider's token says, once all that makes it one for us and for this sign-in was checked."""
    configuration = _settings()
    issuer = configuration.oidc_issuer
    token = provider.authorize_access_token(
        claims_options={
            "iss": {"essential": True, "values": [issuer, f"{issuer}/"]},
            "sub": {"essential": True},
            "aud": {"essential": True, "value": configuration.oidc_client_id},
        },
        leeway=60,
    )
    return cast(Mapping[str, Any], token["userinfo"])


def _back_with(notice: str, error: Exception | None = None) -> ResponseReturnValue:
    """To the sign-in page, with a sentence on what went wrong."""
    logger.warning("oidc.refused", extra={"why": notice, "kind": type(error).__name__ if error else None})
    session.clear()
    flash("", notice)
    return redirect(url_for("console.sign_in"))


def _provider() -> FlaskOAuth2App:
    if not _settings().oidc_is_set:
        abort(404)
    return current_app.extensions["authlib.integrations.flask_client"].oidc


def _ours(endpoint: str) -> str:
    """An address of ours as it is registered with the provider, whatever the browser calls us."""
    return _settings().public_url + url_for(endpoint)


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])
