"""A real SMTP server on the loopback that keeps what it takes, with the few moods that a test needs."""

import base64
import datetime
import ipaddress
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Received:
    """One message with its envelope."""

    sender: str
    readers: list[str]
    data: bytes
    is_encrypted: bool

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=policy.default)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        return str(self.message.get_content()).replace("\r\n", "\n")


@dataclass
class Post:
    """The server's moods, and what it took."""

    tls: ssl.SSLContext | None = None
    takes_8bit: bool = True
    refuses: tuple[str, ...] = ()
    received: list[Received] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0


class Talk(socketserver.StreamRequestHandler):
    post: Post
    is_encrypted = False

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            word, _, rest = line.partition(" ")
            if word.upper() == "QUIT":
                return self.say("221 bye")
            getattr(self, f"on_{word.lower()}", self.on_other)(rest)

    def on_other(self, rest: str) -> None:
        self.say("502 not here")

    def on_ehlo(self, rest: str) -> None:
        offers = ["AUTH PLAIN"] + ["8BITMIME"] * self.post.takes_8bit
        offers += ["STARTTLS"] * (self.post.tls is not None and not self.is_encrypted)
        for offer in ["here", *offers]:
            self.say(f"250-{offer}")
        self.say("250 OK")

    def on_starttls(self, rest: str) -> None:
        assert self.post.tls is not None
        self.say("220 go on")
        self.connection = self.post.tls.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.is_encrypted = True

    def on_auth(self, rest: str) -> None:
        _, name, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        self.post.logins.append((name, password))
        self.say("235 known")

    def on_mail(self, rest: str) -> None:
        self.sender, self.readers = rest.partition(":")[2].split()[0].strip("<>"), []
        self.say("250 OK")

    def on_rcpt(self, rest: str) -> None:
        reader = rest.partition(":")[2].strip("<>")
        if reader in self.post.refuses:
            return self.say("550 nobody here")
        self.readers.append(reader)
        self.say("250 OK")

    def on_rset(self, rest: str) -> None:
        self.say("250 OK")

    def on_data(self, rest: str) -> None:
        self.say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        data = b"".join(line[1:] if line.startswith(b"..") else line for line in lines)
        self.post.received.append(Received(self.sender, self.readers, data, self.is_encrypted))
        self.say("250 kept")


@contextmanager
def serving(post: Post) -> Iterator[Post]:
    """Let the server run while the block does; its port is in `post.port`."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up in the middle is what some tests are about."""

    with Server(("127.0.0.1", 0), type("OneTalk", (Talk,), {"post": post})) as server:
        post.port = server.server_address[1]
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield post
        finally:
            server.shutdown()


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody but the server itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begun = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begun - datetime.timedelta(days=1))
        .not_valid_after(begun + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
