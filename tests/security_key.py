"""A security key in software, for tests: it makes a key pair for an address and signs what that address asks."""

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

ORIGIN = "http://localhost:8080"
PRESENT, VERIFIED, MADE = 1, 4, 64


class SoftKey:
    """`made` and `signed` are what a browser sends back. It counts its uses unless it is a passkey of many devices."""

    def __init__(self, counts: bool = True) -> None:
        self.id = secrets.token_bytes(32)
        self.count = 0
        self._step = int(counts)
        self._private = ec.generate_private_key(ec.SECP256R1())

    def made(self, options: str, origin: str = ORIGIN) -> str:
        """The answer to options for a new key."""
        asked = json.loads(options)
        data = self._about(asked["rp"]["id"], PRESENT | VERIFIED | MADE) + self._credential()
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = _client("webauthn.create", asked["challenge"], origin)
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def signed(self, options: str, origin: str = ORIGIN, flags: int = PRESENT) -> str:
        """The answer to options for signing in."""
        asked = json.loads(options)
        self.count += self._step
        data, client = self._about(asked["rpId"], flags), _client("webauthn.get", asked["challenge"], origin)
        signature = self._private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _about(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _credential(self) -> bytes:
        point = self._private.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        return bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public

    def _answer(self, **parts: bytes) -> str:
        response: dict[str, Any] = {name: bytes_to_base64url(part) for name, part in parts.items()}
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()
