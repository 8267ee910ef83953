"""A provider of OpenID Connect: a real server made with Authlib, which says of whom it lets in what it is told to.

with OidcProvider(client_id="console", client_secret="...") as provider:
    provider.person = {"sub": "1", "email": "ann@prison.invalid", "email_verified": True}
    provider.person["aud"] = "somebody else"  # any claim of the token can be made wrong
    ...  # OIDC_ISSUER = provider.issuer
"""

import threading
import time
from types import TracebackType
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, redirect, request
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server


class Client(ClientMixin):
    """The console, as the provider knows it."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        self.id_token_signed_response_alg = "RS256"

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == "http://localhost:8080/console/sign-in/organisation/back"

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.client_secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Code(AuthorizationCodeMixin):
    """What the browser carries back, and what it was asked for with."""

    def __init__(self, code: str, asked: Any) -> None:
        self.code, self.scope = code, asked.scope
        self.redirect_uri = asked.payload.redirect_uri
        self.nonce = asked.payload.data.get("nonce")
        self.code_challenge = asked.payload.data["code_challenge"]
        self.code_challenge_method = asked.payload.data["code_challenge_method"]

    def get_redirect_uri(self) -> str:
        return str(self.redirect_uri)

    def get_scope(self) -> str:
        return str(self.scope)

    def get_nonce(self) -> str:
        return str(self.nonce)

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class OidcProvider:
    """Serves on a free port of this machine until the block ends."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        self.client = Client(client_id, client_secret)
        self.person: dict[str, Any] = {}
        self.slow_seconds = 0.0
        self.signed_out: list[dict[str, str]] = []
        self._codes: dict[str, Code] = {}
        self._key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "OidcProvider":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()

    def _app(self) -> Flask:
        app = Flask("oidc_provider")
        server = AuthorizationServer(app, lambda client_id: self._client(client_id), lambda token, request: None)
        server.register_grant(self._grant(), [self._tokens(), CodeChallenge(required=True)])
        app.before_request(lambda: time.sleep(self.slow_seconds))
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._metadata)
        app.add_url_rule("/keys", view_func=lambda: jsonify(self.published()))
        app.add_url_rule("/token", view_func=server.create_token_response, methods=["POST"], endpoint="token")
        app.add_url_rule("/authorize", view_func=lambda: self._authorize(server), endpoint="authorize")
        app.add_url_rule("/sign-out", view_func=self._sign_out, endpoint="out")
        return app

    def _client(self, client_id: str) -> Client | None:
        return self.client if client_id == self.client.client_id else None

    def published(self) -> dict[str, Any]:
        """The keys that tokens are checked with."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def _metadata(self) -> Any:
        return jsonify(
            issuer=self.issuer,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            jwks_uri=f"{self.issuer}/keys",
            end_session_endpoint=f"{self.issuer}/sign-out",
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["RS256"],
            code_challenge_methods_supported=["S256"],
        )

    def _authorize(self, server: AuthorizationServer) -> Any:
        """Whoever comes has signed in here and agreed."""
        grant = server.get_consent_grant(end_user=self.person)
        return server.create_authorization_response(grant_user=self.person, grant=grant)

    def _sign_out(self) -> Any:
        self.signed_out.append(request.args.to_dict())
        return redirect(request.args["post_logout_redirect_uri"])

    def _grant(self) -> type[AuthorizationCodeGrant]:
        codes, provider = self._codes, self

        class Grant(AuthorizationCodeGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

            def save_authorization_code(self, code: str, request: Any) -> None:
                codes[code] = Code(code, request)

            def query_authorization_code(self, code: str, client: Client) -> Code | None:
                return codes.get(code)

            def delete_authorization_code(self, authorization_code: Code) -> None:
                del codes[authorization_code.code]

            def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
                return provider.person

        return Grant

    def _tokens(self) -> OpenIDCode:
        provider = self

        class Tokens(OpenIDCode):
            def exists_nonce(self, nonce: str, request: Any) -> bool:
                return any(code.nonce == nonce for code in provider._codes.values())

            def get_client_claims(self, client: Client) -> dict[str, Any]:
                return {"iss": provider.issuer, "aud": client.client_id}

            def resolve_client_private_key(self, client: Client) -> RSAKey:
                return provider._key

            def get_client_algorithm(self, client: Client) -> str:
                return "RS256"

            def generate_user_info(self, user: dict[str, Any], scope: str) -> dict[str, Any]:
                return user

        return Tokens()
