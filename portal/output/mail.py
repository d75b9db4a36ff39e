"""Mail: one message to one person, by file, console or SMTP; the only place that speaks SMTP."""

import hashlib
import smtplib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

TIMEOUT_SECONDS = 20


class MailError(Exception):
    """The post did not take the message; it may in a while."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent: to one address, with a key by which the same letter is recognised."""

    address: str
    subject: str
    text: str
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class Mailer:
    """Where letters go: `url` is `file:`, `console:`, `smtp://` or `smtps://`; files go to `folder`."""

    url: str
    folder: Path
    sender_name: str
    domain: str

    def send(self, letter: Letter) -> None:
        """Send one letter. Raises MailError."""
        message = self._message(letter)
        scheme = urlsplit(self.url).scheme
        if scheme == "file":
            self._write(message)
        elif scheme == "console":
            sys.stdout.write(message.as_string())
        else:
            self._post(message, letter.address)

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = f"{self.sender_name} <no-reply@{self.domain}>"
        message["To"] = letter.address
        message["Subject"] = letter.subject
        message["Message-ID"] = f"<{self._name_of(letter)}@{self.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, cte="8bit")
        return message

    @staticmethod
    def _name_of(letter: Letter) -> str:
        return hashlib.sha256(letter.dedupe_key.encode()).hexdigest()[:32]

    def _write(self, message: EmailMessage) -> None:
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{name}.eml").write_bytes(message.as_bytes())
        except OSError as error:
            raise MailError(error.strerror) from error

    @property
    def target(self) -> str:
        """Where letters go, without the password."""
        parts = urlsplit(self.url)
        return str(self.folder) if parts.scheme == "file" else parts.hostname or parts.scheme

    def check(self) -> None:
        """See whether the post would take a letter, without sending one. Raises MailError."""
        if urlsplit(self.url).scheme in ("smtp", "smtps"):
            with self._server():
                pass

    def _post(self, message: EmailMessage, address: str) -> None:
        with self._server() as server:
            server.send_message(message, to_addrs=[address])

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        parts = urlsplit(self.url)
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        try:
            with kind(parts.hostname or "", parts.port or 0, timeout=TIMEOUT_SECONDS) as server:
                if parts.scheme == "smtp" and "starttls" in _offers(server):
                    server.starttls()
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                yield server
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(type(error).__name__) from error


def _offers(server: smtplib.SMTP) -> dict[str, str]:
    server.ehlo_or_helo_if_needed()
    return server.esmtp_features
