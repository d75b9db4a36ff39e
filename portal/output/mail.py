"""Mail: one message to one person, by file, console or SMTP; the only place that speaks SMTP."""

import hashlib
import re
import smtplib
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 20
_WRITTEN = re.compile(r"[0-9a-f]{32}\.eml")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class MailError(Exception):
    """The post did not take the message; it may in a while. The text holds no address and no word of the message."""


class PostDownError(MailError):
    """The post cannot be reached at all, so that other messages need not be tried now."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent: to one address, dated `at` (aware), with a key by which the same letter is recognised."""

    address: str
    subject: str
    text: str
    dedupe_key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Mailer:
    """Where letters go: `url` is `file:`, `console:`, `smtp://` or `smtps://`; files go to `folder`.

    `sender_name` and `domain` make the neutral sender. SMTP is encrypted where the server offers it (STARTTLS); a
    password never goes out in the clear, save to this very machine, and only to a server whose certificate holds.
    """

    url: str
    folder: Path
    sender_name: str
    domain: str

    @property
    def target(self) -> str:
        """Where letters go, without the password."""
        parts = urlsplit(self.url)
        return str(self.folder) if parts.scheme == "file" else parts.hostname or parts.scheme

    def send(self, letter: Letter) -> None:
        """Send one letter. Raises MailError."""
        scheme = urlsplit(self.url).scheme
        if scheme == "file":
            self._write(self._message(letter))
        elif scheme == "console":
            sys.stdout.write(self._message(letter).as_string())
        else:
            self._post(letter)

    def check(self) -> None:
        """See whether the post would take a letter, without sending one. Raises MailError."""
        scheme = urlsplit(self.url).scheme
        if scheme in ("smtp", "smtps"):
            with self._server():
                pass
        elif scheme == "file":
            self._open_folder()

    def remove_written(self) -> None:
        """Remove the files of letters written so far, and nothing else that lies in their folder."""
        if urlsplit(self.url).scheme == "file" and self.folder.is_dir():
            for file in self.folder.iterdir():
                if _WRITTEN.fullmatch(file.name):
                    file.unlink(missing_ok=True)

    def _message(self, letter: Letter, encoding: str = "8bit") -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self.sender_name, "no-reply", self.domain)
        message["To"] = _address(letter.address)
        message["Subject"] = letter.subject
        message["Date"] = letter.at
        message["Message-ID"] = f"<{_name_of(letter)}@{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, cte=encoding)
        return message

    def _write(self, message: EmailMessage) -> None:
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        self._open_folder()
        try:
            (self.folder / f"{name}.eml").write_bytes(message.as_bytes())
        except OSError as error:
            raise PostDownError(str(error.strerror)) from error

    def _open_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise PostDownError(str(error.strerror)) from error

    def _post(self, letter: Letter) -> None:
        with self._server() as server:
            takes_8bit = server.has_extn("8bitmime")
            message = self._message(letter, "8bit" if takes_8bit else "quoted-printable")
            try:
                server.send_message(
                    message, to_addrs=[letter.address], mail_options=["BODY=8BITMIME"] if takes_8bit else []
                )
            except smtplib.SMTPServerDisconnected as error:
                raise PostDownError(type(error).__name__) from error
            except (smtplib.SMTPException, ValueError) as error:
                raise MailError(type(error).__name__) from error

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """The server, greeted, encrypted and signed in to."""
        try:
            with self._connected() as server:
                self._enter(server)
                yield server
        except (smtplib.SMTPException, OSError) as error:
            raise PostDownError(type(error).__name__) from error

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        where = (parts.hostname or "", parts.port or 0)
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(*where, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        return smtplib.SMTP(*where, timeout=TIMEOUT_SECONDS)

    def _enter(self, server: smtplib.SMTP) -> None:
        parts = urlsplit(self.url)
        server.ehlo_or_helo_if_needed()
        is_closed = parts.scheme == "smtps"
        if not is_closed and server.has_extn("starttls"):
            server.starttls(context=_strict() if parts.username else _lenient())
            server.ehlo()
            is_closed = True
        if parts.username:
            if not is_closed and parts.hostname not in LOOPBACK:
                raise PostDownError("the server offers no encryption for the password")
            server.login(unquote(parts.username), unquote(parts.password or ""))


def _strict() -> ssl.SSLContext:
    return ssl.create_default_context()


def _lenient() -> ssl.SSLContext:
    """Against who listens, not against who poses as the server: without it the letter would go in the clear."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _address(raw: str) -> Address:
    """One address, whatever stands in it; nothing in it can begin another header or name a second reader."""
    username, _, domain = raw.rpartition("@")
    try:
        return Address(username=username, domain=domain)
    except ValueError as error:
        raise MailError("not an address") from error


def _name_of(letter: Letter) -> str:
    """The same for the same letter, however often it is sent."""
    return hashlib.sha256(letter.dedupe_key.encode()).hexdigest()[:32]
