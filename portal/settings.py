"""The settings: read once from `PORTAL_*`, checked as a whole, and never changed afterwards."""

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

EXAMPLE_SECRET = "change-me"  # noqa: S105 - the word of .env.example that is refused
VAULT_KEY_BYTES = 32
SECRET_CHARACTERS = 32
SQLITE = "sqlite:///"
KEYS = f"{SQLITE}keys.db"
POSTGRESQL_PORT = 5432
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """Every fault of the settings at once, each named by its variable."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("The settings are not complete:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Settings:
    """What an installation decides. Secrets have no default; what may hold one, addresses too, is not printed.

    `secret_key` is one secret, or several parted by commas: the first is used, and what the others made still holds.
    """

    secret_key: str = field(repr=False)
    vault_keys: Mapping[int, bytes] = field(repr=False)
    instance: Path = Path("instance")
    database_url: str = field(default="sqlite:///instance/portal.db", repr=False)
    migration_url: str | None = field(default=None, repr=False)
    keys_url: str | None = field(default=None, repr=False)
    jobs_url: str = field(default="embedded:", repr=False)
    mail_url: str = field(default="file:", repr=False)
    base_url: str = "http://127.0.0.1:8000"
    site_name: str = "Portal"
    exit_url: str = "https://www.wikipedia.org/"
    proxies: int = 0
    demo_password: str | None = field(default=None, repr=False)
    breached_file: Path | None = None

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https:")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the installation."""
        return urlsplit(self.base_url).hostname in LOOPBACK

    @property
    def key_store_url(self) -> str:
        """Where people's keys are kept, apart from what they wrote: a file in the instance folder unless told."""
        return _in_folder(self.keys_url or KEYS, self.instance)

    @property
    def host(self) -> str:
        """The host of the base address, without its port."""
        return urlsplit(self.base_url).hostname or ""

    def keys_for(self, purpose: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes for one purpose, derived from each secret key (HKDF, RFC 5869), the newest first."""
        return tuple(
            HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
            for secret in self.secret_key.split(",")
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str], instance: Path) -> "Settings":
        """Read `PORTAL_*` (or `PORTAL_X_FILE` for a secret kept in a file); raises SettingsError with all faults."""
        return _Reader(environ, instance).settings()


class _Reader:
    def __init__(self, environ: Mapping[str, str], instance: Path) -> None:
        self.environ = environ
        self.instance = instance
        self.faults: list[str] = []

    def settings(self) -> Settings:
        found = {
            "secret_key": self.read("SECRET_KEY", _secret),
            "vault_keys": self.read("VAULT_KEYS", _vault_keys),
            "database_url": self.read("DATABASE_URL", _database, f"sqlite:///{self.instance.resolve() / 'portal.db'}"),
            "migration_url": self.read("MIGRATION_URL", _database, None),
            "keys_url": self.read("KEYS_URL", _database, None),
            "jobs_url": self.read("JOBS_URL", _one_of("embedded:", "redis://", "rediss://"), "embedded:"),
            "mail_url": self.read("MAIL_URL", _one_of("file:", "console:", "smtp://", "smtps://"), "file:"),
            "base_url": self.read("BASE_URL", _address, "http://127.0.0.1:8000"),
            "site_name": self.read("SITE_NAME", str, "Portal"),
            "exit_url": self.read("EXIT_URL", _address, "https://www.wikipedia.org/"),
            "proxies": self.read("PROXIES", _count, 0),
            "demo_password": self.read("DEMO_PASSWORD", _demo_password, None),
            "breached_file": self.read("BREACHED_FILE", _file, None),
        }
        main, owners = self.place_of(found["database_url"]), self.place_of(found["migration_url"])
        if None not in (main, owners) and main != owners:
            self.faults.append(
                "PORTAL_MIGRATION_URL needs the database of PORTAL_DATABASE_URL, as another role opens it"
            )
        if self.place_of(found["keys_url"] or KEYS) in (main, owners):
            self.faults.append("PORTAL_KEYS_URL needs a database of its own: a backup of answers must hold no keys")
        if self.faults:
            raise SettingsError(self.faults)
        return Settings(instance=self.instance, **found)  # type: ignore[arg-type]  # each value was made by its reader

    def place_of(self, url: object) -> tuple[object, ...] | None:
        """Where a database is, however it is spelt; None for no address."""
        return _place(_in_folder(url, self.instance)) if isinstance(url, str) else None

    def read(self, name: str, make: Callable[[str], object], *default: object) -> object:
        raw = self._raw(f"PORTAL_{name}")
        if raw is None:
            if not default:
                self.faults.append(f"PORTAL_{name} is missing (PORTAL_{name}_FILE may name a file that holds it)")
            return default[0] if default else None
        try:
            return make(raw)
        except ValueError as error:
            self.faults.append(f"PORTAL_{name} {error}")
            return None

    def _raw(self, name: str) -> str | None:
        path = self.environ.get(f"{name}_FILE")
        if path is None:
            return self.environ.get(name) or None
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except OSError as error:
            self.faults.append(f"{name}_FILE cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            self.faults.append(f"{name}_FILE cannot be read: it holds no text")
        return None


def _secret(raw: str) -> str:
    secrets = [secret.strip() for secret in raw.split(",")]
    if min(map(len, secrets)) < SECRET_CHARACTERS or EXAMPLE_SECRET in raw:
        raise ValueError(f"needs {SECRET_CHARACTERS} random characters or more, and not the example's")
    if len(set(secrets)) < len(secrets):
        raise ValueError("names a secret twice")
    return ",".join(secrets)


def _vault_keys(raw: str) -> Mapping[int, bytes]:
    keys = dict(_vault_key(part) for part in raw.split(","))
    if not keys or len(keys) != raw.count(",") + 1:
        raise ValueError("names a version twice")
    return keys


def _vault_key(part: str) -> tuple[int, bytes]:
    version, _, encoded = part.strip().partition(":")
    try:
        key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError):
        key = b""
    if not version.isdecimal() or len(key) != VAULT_KEY_BYTES or len(set(key)) == 1:
        raise ValueError("needs VERSION:KEY pairs, each key 32 random bytes in base64, parted by commas")
    return int(version), key


def _database(raw: str) -> str:
    if not raw.startswith((SQLITE, "postgresql+psycopg://")):
        raise ValueError("needs sqlite:///PATH or postgresql+psycopg://...")
    try:
        _place(raw)
    except (ValueError, ArgumentError):
        raise ValueError("is no address of a database") from None  # the error would quote it
    return raw


def _in_folder(url: str, instance: Path) -> str:
    """The address with an SQLite file's whole path: what is none begins at the instance folder."""
    path = url.removeprefix(SQLITE)
    return url if path == url else f"{SQLITE}{instance.resolve() / path}"


def _place(url: str) -> tuple[object, ...]:
    """A file's real path, or a server's host, port and database; whatever leads to this machine is one host."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        return (os.path.realpath(parts.database or ""),)
    said = dict(parts.query)
    host, port = (said.get("host") or parts.host or LOOPBACK[0]), (said.get("port") or parts.port)
    is_here = host in LOOPBACK or str(host).startswith("/")  # a folder is that of a socket
    return LOOPBACK[0] if is_here else host, str(port or POSTGRESQL_PORT), said.get("dbname") or parts.database


def _one_of(*prefixes: str) -> Callable[[str], str]:
    def check(raw: str) -> str:
        if not raw.startswith(prefixes):
            raise ValueError("needs one of " + ", ".join(prefixes))
        return raw

    return check


def _address(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("needs an address that begins with https:// (or http:// on this machine)")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("needs https:// for any address but this machine's own")
    return raw


def _count(raw: str) -> int:
    if not raw.isdecimal() or int(raw) > 10:
        raise ValueError("needs the number of proxies in front, from 0 to 10")
    return int(raw)


def _file(raw: str) -> Path:
    try:
        with Path(raw).open("rb"):
            return Path(raw)
    except OSError as error:
        raise ValueError(f"names a file that cannot be read: {error.strerror}") from None


def _demo_password(raw: str) -> str:
    if len(raw) < 12:
        raise ValueError("needs 12 characters or more")
    return raw
