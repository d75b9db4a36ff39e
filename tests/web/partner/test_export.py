"""One's own data as a file: everything of one's own, no locked answer, nothing of the other's, in three kinds."""

import csv
import io
import json
import re
from collections.abc import Callable
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from portal.domain.safe_ways import SafeWayOfReaching
from portal.extensions import begin_write, db
from portal.models.audit import AuditEvent
from portal.models.responses import Response
from portal.models.users import Person
from portal.output.render import NotRendered, Rendered
from portal.services import responses, reviews, safe_ways, vault
from portal.services.drafts import Typed
from portal.web.partner import export
from tests.cast import PASSPHRASE, SIGNATURE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, floor, send, task_of
from tests.keys import a_passkey
from tests.web.partner.test_account import row_of

Open = Callable[[str | None], Browser]
NOTE = "Answers to the private questions are not in this file; ask Ines for them."
LINE = "Well held, both of you"


def events() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.event).order_by(AuditEvent.at)))


def file_of(browser: Browser, kind: str = "json"):  # type: ignore[no-untyped-def]
    reply = browser.post("/my/export", {"passphrase": PASSPHRASE, "kind": kind})
    assert reply.status_code == 200, reply.text
    return reply


def saved(browser: Browser) -> dict[str, object]:
    found: dict[str, object] = json.loads(file_of(browser).text)
    return found


def table(browser: Browser) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file_of(browser, "csv").text, newline="")))


def paper(browser: Browser) -> tuple[PdfReader, str]:
    pdf = PdfReader(io.BytesIO(file_of(browser, "pdf").data))
    text = "\n".join(page.extract_text() for page in pdf.pages)
    return pdf, re.sub(r"\s+", " ", text.replace("\u200b", ""))


def test_the_file_holds_ones_own_answers_and_no_locked_one(browser: Open, cast: Cast, task_id: UUID) -> None:
    reply = file_of(browser("ana"))
    assert reply.headers["Content-Disposition"] == 'attachment; filename="answers.json"'
    assert reply.headers["Cache-Control"] == "no-store"
    found = json.loads(reply.text)
    assert found["note"] == NOTE
    (form,) = found["forms"]
    assert form["form"] == "One holds the floor"
    assert {OPEN, SECRET} <= {answer["answer"] for answer in form["answers"]}
    assert "locked" not in {answer["for"] for answer in form["answers"]}
    assert "afraid of what might happen" not in reply.text
    assert "{coach}" not in reply.text
    assert events()[-1] == "export:own"


def test_the_file_holds_the_account_and_what_was_agreed_to(browser: Open) -> None:
    account = saved(browser("ana"))["account"]
    assert (account["name"], account["address"]) == ("Ana", "ana@home.example")  # type: ignore[index]
    assert (account["zone"], account["language"]) == ("Europe/Berlin", "en")  # type: ignore[index]
    (agreed,) = account["agreed"]  # type: ignore[index]
    assert (agreed["policy"], agreed["policy_version"], agreed["text_version"]) == ("discretion", 1, 1)
    assert (agreed["language"], agreed["signature"]) == ("en", SIGNATURE)


def test_the_file_holds_the_user_name_and_what_ones_passkeys_are_called(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    account = saved(ana)["account"]
    assert (account["user_name"], account["passkeys"]) == (None, [])  # type: ignore[index]
    begin_write()
    sealed = vault.seal(cast.ana.person_id, "people.user_name", cast.ana.person_id, "amber-otter")
    db.session.execute(update(Person).where(Person.id == cast.ana.person_id).values(user_name=sealed))
    db.session.add(a_passkey(cast.ana))
    db.session.commit()
    account = saved(ana)["account"]
    assert (account["user_name"], account["passkeys"]) == ("amber-otter", ["A small stick"])  # type: ignore[index]
    facts = [row[2:4] for row in table(ana) if row[0] == "Your account"]
    assert facts[1:4] == [
        ["E-mail address", "ana@home.example"],
        ["User name", "amber-otter"],
        ["Passkey", "A small stick"],
    ]
    assert not any(word in file_of(browser("ben")).text for word in ("amber-otter", "A small stick"))


def test_a_draft_is_in_it_and_says_that_it_was_not_sent(browser: Open, cast: Cast) -> None:
    task = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    responses.save_draft(cast.ana, task, Typed({"understood": "half a thought"}, {}), 0)
    (form,) = saved(browser("ana"))["forms"]  # type: ignore[misc]
    assert (form["sent_at"], [answer["answer"] for answer in form["answers"]]) == (None, ["half a thought"])


def test_a_draft_with_private_questions_alone_is_not_in_it(browser: Open, cast: Cast) -> None:
    task = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    before = saved(browser("ana"))
    responses.save_draft(cast.ana, task, Typed({"stopped_afraid": "true"}, {}), 0)
    assert saved(browser("ana")) == before


def test_what_the_coach_left_on_a_form_is_in_it(browser: Open, cast: Cast, task_id: UUID) -> None:
    reviews.review(cast.ines, db.session.scalars(select(Response.id)).one(), LINE)
    ana = browser("ana")
    assert [form["line"] for form in saved(ana)["forms"]] == [LINE]  # type: ignore[attr-defined]
    assert ["From Ines", LINE] in [row[2:4] for row in table(ana)]
    ana.post("/my/account/revealing", {"never": "1", "passphrase": PASSPHRASE})
    assert LINE not in file_of(ana).text + file_of(ana, "csv").text


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_the_file_is_the_same_whether_a_locked_question_was_answered_or_not(
    browser: Open, cast: Cast, kind: str
) -> None:
    given = assign(cast, "one-holds-the-floor")
    send(cast.ana, task_of(cast.ana, given), floor(stopped_afraid="true"))
    send(cast.ben, task_of(cast.ben, given), floor(), key="of ben")
    ana, ben = (file_of(browser(name), kind).text for name in ("ana", "ben"))
    assert ana == ben.replace("Ben", "Ana").replace("ben@", "ana@").replace("Ines and Ana", "Ines and Ben")


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_the_file_is_the_same_whether_one_said_how_one_can_be_reached_or_not(
    browser: Open, cast: Cast, kind: str
) -> None:
    ana = browser("ana")
    before = file_of(ana, kind).data
    way = SafeWayOfReaching(True, "0151 2300 4455", "Weekdays at noon", True, False, "Never in the evening", False)
    safe_ways.say(cast.ana, PASSPHRASE, way)
    assert file_of(ana, kind).data == before


def test_a_file_before_anything_was_sent_says_the_same_sentence(browser: Open) -> None:
    found = saved(browser("ben"))
    assert (found["note"], found["forms"]) == (NOTE, [])


def test_nothing_of_the_other_is_in_the_file(browser: Open, task_id: UUID) -> None:
    assert not re.search(f"{OPEN}|{SECRET}|Ana|ana@", file_of(browser("ben")).text)
    assert not re.search(f"{OPEN}|{SECRET}|ana@", file_of(browser("ben"), "csv").text + paper(browser("ben"))[1])


@pytest.mark.parametrize("kind", ["json", "csv", "pdf"])
def test_there_is_no_file_without_the_pass_phrase(browser: Open, task_id: UUID, kind: str) -> None:
    ana = browser("ana")
    for typed in ("", "not the right words"):
        reply = ana.post("/my/export", {"passphrase": typed, "kind": kind})
        assert reply.status_code == 422
        assert SECRET not in reply.text
    assert "export:own" not in events()
    assert SECRET not in ana.get("/my/export").text


def test_the_pass_phrase_is_asked_for_each_time(browser: Open, task_id: UUID) -> None:
    ana = browser("ana")
    file_of(ana)
    assert ana.post("/my/export", {"kind": "json"}).status_code == 422


def test_who_chose_never_to_be_shown_private_answers_has_none_in_the_file(browser: Open, task_id: UUID) -> None:
    ana = browser("ana")
    ana.post("/my/account/revealing", {"never": "1", "passphrase": PASSPHRASE})
    for text in (file_of(ana).text, file_of(ana, "csv").text):
        assert SECRET not in text
        assert OPEN in text
        assert NOTE in text


def test_a_pass_phrase_that_came_by_mail_opens_no_file_until_the_coach_vouches(
    browser: Open, cast: Cast, wall: Wall, task_id: UUID
) -> None:
    begin_write()
    row_of(cast).reset_at = wall.now
    db.session.commit()
    reply = browser("ana").post("/my/export", {"passphrase": PASSPHRASE})
    assert reply.status_code == 422
    assert "until it is clear that it was you" in reply.text
    wall.forward(minutes=1)
    row_of(cast).vouched_at = wall.now
    db.session.commit()
    assert SECRET in file_of(browser("ana")).text


def test_a_table_has_a_row_for_each_answer_and_the_same_width_everywhere(browser: Open, task_id: UUID) -> None:
    rows = table(browser("ana"))
    assert rows[0] == ["Form", "Sent", "Question", "Answer", "Who reads it"]
    assert {len(row) for row in rows} == {5}
    assert rows[-1] == [NOTE, "", "", "", ""]
    (row,) = [row for row in rows if row[3] == OPEN]
    assert (row[0], row[1], row[4]) == ("One holds the floor", "2026-11-23T19:00:00Z", "Ines and Ben")
    assert [row[4] for row in rows if row[3] == SECRET] == ["Only Ines"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_cell_that_a_spreadsheet_would_work_out_is_defused(browser: Open, cast: Cast, text: str) -> None:
    task = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task, floor(understood=f"{text} words"))
    cells = [cell for row in table(browser("ana")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert any(cell.endswith("words") for cell in cells)


def test_pages_to_print_hold_the_same_and_no_name_in_what_tells_about_them(browser: Open, task_id: UUID) -> None:
    reply = file_of(browser("ana"), "pdf")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="answers.pdf"'
    pdf, text = paper(browser("ana"))
    for words in (OPEN, SECRET, NOTE, "One holds the floor", "ana@home.example"):
        assert words in text, words
    assert "afraid of what might happen" not in text
    told = pdf.metadata
    assert told is not None
    assert told.title == "Portal: Answers"
    assert "Ana" not in str(dict(told))


def test_what_is_too_much_for_pages_is_said_beside_the_choice(
    browser: Open, task_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(_html: str) -> Rendered:
        raise NotRendered("too slow")

    monkeypatch.setattr(export, "render_pdf", too_slow)
    reply = browser("ana").post("/my/export", {"passphrase": PASSPHRASE, "kind": "pdf"})
    assert reply.status_code == 422
    assert "Take one of the other two." in reply.text


def test_a_kind_of_file_that_there_is_not_is_refused(browser: Open) -> None:
    reply = browser("ana").post("/my/export", {"passphrase": PASSPHRASE, "kind": "exe"})
    assert reply.status_code == 422
