"""Mail as it leaves the house: one reader each, neutral on the outside, the same letter under the same name."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from portal.output import mail_text
from portal.output.mail import Letter, Mailer, MailError, PostDownError
from tests.smtp import Post, own_certificate, serving

AT = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
LINK = "https://portal.example/invitations/" + "x" * 32
WORDS = {"link": LINK, "site_name": "Portal", "name": "Ana", "coach": "Ines"}
TELLING = re.compile(
    r"couple|coach|therap|relationship|partner|counsel|Ana|Ben|Ines|practice|check-in|answer|exercise", re.IGNORECASE
)


def letter(
    address: str = "ana@home.example", text: str = "Hello,\nthere is something.\n", key: str = "task:1"
) -> Letter:
    return Letter(address, "You have an item at Portal", text, key, AT)


def mailer(folder: Path, url: str = "file:") -> Mailer:
    return Mailer(url, folder / "mail", "Portal", "portal.example")


def only_file(folder: Path) -> bytes:
    (file,) = (folder / "mail").glob("*.eml")
    return file.read_bytes()


def test_a_file_holds_one_letter_to_one_reader_from_a_neutral_sender(tmp_path: Path) -> None:
    mailer(tmp_path).send(letter())
    found = message_from_bytes(only_file(tmp_path), policy=policy.default)
    assert found["From"] == "Portal <no-reply@portal.example>"
    assert [str(found[name]) for name in ("To", "Subject")] == ["ana@home.example", "You have an item at Portal"]
    assert found["Date"].datetime == AT
    assert found["Auto-Submitted"] == "auto-generated"
    assert found.get_content_type() == "text/plain"
    assert found["Cc"] is found["Bcc"] is found["In-Reply-To"] is found["References"] is None


def test_the_same_letter_sent_twice_is_one_file_with_one_message_id(tmp_path: Path) -> None:
    for _ in range(2):
        mailer(tmp_path).send(letter())
    first = only_file(tmp_path)
    mailer(tmp_path / "other").send(letter(key="task:2"))
    ids = [message_from_bytes(found)["Message-ID"] for found in (first, only_file(tmp_path / "other"))]
    assert ids[0] != ids[1]
    assert "task" not in first.decode().partition("\r\n\r\n")[0]


def test_file_names_tell_nothing(tmp_path: Path) -> None:
    mailer(tmp_path).send(letter())
    (file,) = (tmp_path / "mail").iterdir()
    assert re.fullmatch(r"[0-9a-f]{32}\.eml", file.name)
    assert (tmp_path / "mail").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_the_post_being_down(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file stands where the folder should")
    with pytest.raises(PostDownError):
        mailer(tmp_path).send(letter())
    with pytest.raises(PostDownError):
        mailer(tmp_path).check()


def test_the_console_shows_a_letter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mailer(tmp_path, "console:").send(letter())
    assert "there is something." in capsys.readouterr().out


def test_a_server_is_given_one_letter_for_one_reader(tmp_path: Path) -> None:
    with serving(Post()) as post:
        mailer(tmp_path, f"smtp://127.0.0.1:{post.port}").send(letter(text="Hello Jörg,\n.\n..\n" + "x" * 900 + "\n"))
    (got,) = post.received
    assert (got.sender, got.readers) == ("no-reply@portal.example", ["ana@home.example"])
    assert got.text == "Hello Jörg,\n.\n..\n" + "x" * 900 + "\n"


def test_a_server_of_seven_bits_is_given_no_more(tmp_path: Path) -> None:
    with serving(Post(takes_8bit=False)) as post:
        mailer(tmp_path, f"smtp://127.0.0.1:{post.port}").send(letter(text="Grüße\n"))
    (got,) = post.received
    assert got.data.isascii()
    assert got.text == "Grüße\n"


def test_a_letter_is_encrypted_where_the_server_offers_it(tmp_path: Path) -> None:
    with serving(Post(tls=own_certificate(tmp_path))) as post:
        mailer(tmp_path, f"smtp://127.0.0.1:{post.port}").send(letter())
    assert [got.is_encrypted for got in post.received] == [True]


def test_a_password_goes_to_no_server_whose_certificate_nobody_vouches_for(tmp_path: Path) -> None:
    with serving(Post(tls=own_certificate(tmp_path))) as post, pytest.raises(PostDownError, match="SSL"):
        mailer(tmp_path, f"smtp://portal:secret@127.0.0.1:{post.port}").send(letter())
    assert post.logins == post.received == []


def test_a_password_is_given_once_the_certificate_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with serving(Post(tls=own_certificate(tmp_path))) as post:
        mailer(tmp_path, f"smtp://portal:a%3Fsecret@127.0.0.1:{post.port}").send(letter())
    assert post.logins == [("portal", "a?secret")]
    assert post.received[0].is_encrypted


def test_smtps_speaks_to_no_stranger(tmp_path: Path) -> None:
    with serving(Post()) as post, pytest.raises(PostDownError):
        mailer(tmp_path, f"smtps://127.0.0.1:{post.port}").send(letter())
    assert post.received == []


def test_a_reader_who_is_refused_is_not_the_post_being_down(tmp_path: Path) -> None:
    with serving(Post(refuses=("ana@home.example",))) as post:
        sender = mailer(tmp_path, f"smtp://127.0.0.1:{post.port}")
        with pytest.raises(MailError) as refused:
            sender.send(letter())
        assert not isinstance(refused.value, PostDownError)
        assert "ana" not in str(refused.value)
        sender.check()
    with pytest.raises(PostDownError):
        sender.check()


@pytest.mark.parametrize(
    "address", ["ana@home.example\r\nBcc: ben@home.example", "ana,ben@home.example", "", "Ana <ana@home.example>"]
)
def test_an_address_names_one_reader_or_nobody(tmp_path: Path, address: str) -> None:
    with serving(Post()) as post:
        try:
            mailer(tmp_path, f"smtp://127.0.0.1:{post.port}").send(letter(address))
        except MailError:
            assert post.received == []
    for got in post.received:
        assert len(got.readers) == 1
        assert len(got.message["To"].addresses) == 1
        assert got.message["Bcc"] is None


@pytest.mark.parametrize("message", sorted(path.stem for path in mail_text.TEMPLATES.glob("*.txt")))
def test_a_mail_on_the_table_tells_nothing(message: str) -> None:
    subject, text = mail_text.write(message, "en", WORDS)
    assert subject
    assert "\n" not in subject
    assert LINK in text.splitlines()
    assert not TELLING.search(subject + text.replace(LINK, ""))


def test_the_subject_of_an_invitation_and_of_a_reset_are_plain() -> None:
    assert mail_text.write("invitation", "en", WORDS)[0] == "You have an invitation"
    assert mail_text.write("reset", "en", WORDS)[0] == "A new pass phrase"


def test_what_a_name_holds_is_not_read_as_markup() -> None:
    assert "A & B <C>" in mail_text.write("invitation", "en", WORDS | {"site_name": "A & B <C>"})[1]
