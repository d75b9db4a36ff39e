"""A key as a phone keeps it (WebAuthn, ES256), in plain Python: for what no browser would do."""

import base64
import hashlib
import json
import os

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40
ES256 = {1: 2, 3: -7, -1: 1}


def written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Authenticator:
    """One key; it signs for any origin and any challenge that it is told."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = os.urandom(16)
        self.count = 0

    def make(self, options: dict[str, object], origin: str, host: str = "localhost") -> str:
        """What a browser posts after making a key for these options."""
        x, y = (n.to_bytes(32) for n in (self._point.x, self._point.y))
        head = bytes(16) + len(self.credential).to_bytes(2) + self.credential
        about = self._about(host, PRESENT | VERIFIED | NEW) + head + cbor2.dumps({**ES256, -2: x, -3: y})
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        return self._posted("webauthn.create", options, origin, attestationObject=statement)

    def use(self, options: dict[str, object], origin: str, host: str = "localhost") -> str:
        """What a browser posts after using the key for these options."""
        self.count += 1
        about = self._about(host, PRESENT | VERIFIED)
        client = hashlib.sha256(self._client("webauthn.get", options, origin)).digest()
        signature = self.key.sign(about + client, ec.ECDSA(hashes.SHA256()))
        return self._posted("webauthn.get", options, origin, authenticatorData=about, signature=signature)

    @property
    def _point(self) -> ec.EllipticCurvePublicNumbers:
        return self.key.public_key().public_numbers()

    def _about(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, options: dict[str, object], origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin}).encode()

    def _posted(self, kind: str, options: dict[str, object], origin: str, **parts: bytes) -> str:
        response = {name: written(part) for name, part in parts.items()}
        response["clientDataJSON"] = written(self._client(kind, options, origin))
        name = written(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
