"""The secrets that services work with, each for one purpose; the newest makes, and what older ones made still holds."""

import hmac
from collections.abc import Mapping

from flask import Flask, current_app


class Keys:
    """The secrets that services work with: the vault's by version, those of the look-up, of the audit trail, of papers.

    Each set but the vault's begins with the newest.
    """

    def init_app(self, app: Flask, vault: Mapping[int, bytes], *others: tuple[bytes, ...]) -> None:
        """`others`: those of the look-up, of the audit trail, and of papers that are kept."""
        app.extensions["portal.keys"] = (dict(vault), *others)

    @property
    def vault(self) -> Mapping[int, bytes]:
        """The vault keys by version; the highest version seals."""
        keys: Mapping[int, bytes] = current_app.extensions["portal.keys"][0]
        return keys

    def lookup(self, value: str) -> bytes:
        """32 bytes that stand for an address in the table of sign-ins, and tell nothing without the key."""
        return self.lookups(value)[0]

    def lookups(self, value: str) -> list[bytes]:
        """What may stand for an address, by the newest secret and by those before it, which still hold."""
        made: tuple[bytes, ...] = current_app.extensions["portal.keys"][1]
        return [hmac.digest(key, value.encode(), "sha256") for key in made]

    def audit(self, written: bytes) -> bytes:
        """32 bytes (HMAC-SHA-256) that nobody without the key can give for what the audit trail says."""
        return self.audits(written)[0]

    def audits(self, written: bytes) -> list[bytes]:
        """What the newest secret gives, and those before it, with which older events were recorded."""
        made: tuple[bytes, ...] = current_app.extensions["portal.keys"][2]
        return [hmac.digest(key, written, "sha256") for key in made]

    def made_audit(self, written: bytes, found: bytes) -> bool:
        """Whether one of the secrets gives this for what the audit trail says."""
        return any(hmac.compare_digest(one, found) for one in self.audits(written))

    def paper(self, written: bytes) -> bytes:
        """32 bytes by which a paper that is kept is found again; without the key nobody can tell of what it is."""
        made: tuple[bytes, ...] = current_app.extensions["portal.keys"][3]
        return hmac.digest(made[0], written, "sha256")
