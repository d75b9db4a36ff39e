"""A copy of one's own sent form: what one answered and who reads it, no locked answer, nothing of the other."""

import io
import re
from collections.abc import Callable
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from portal.extensions import begin_write, db
from portal.models.assignments import Task
from portal.models.audit import AuditEvent
from portal.models.responses import Response
from portal.output.render import NotRendered, Rendered
from portal.services import correcting, parting, reviews
from portal.web.partner import copies
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, correct, floor, send, task_of
from tests.web.partner.test_account import row_of

Open = Callable[[str | None], Browser]
NOTE = "Answers to the private questions are not in this file; ask Ines for them."
LINK = "http://127.0.0.1:8000/my/"
BETTER = "That he asks because he wants to know"


def taken(browser: Browser, task_id: UUID):  # type: ignore[no-untyped-def]
    page = f"/my/tasks/{task_id}/copy"
    return browser.post(page, {"passphrase": PASSPHRASE}, page=page)


def paper(browser: Browser, task_id: UUID) -> tuple[PdfReader, str]:
    reply = taken(browser, task_id)
    assert reply.status_code == 200, reply.text
    pdf = PdfReader(io.BytesIO(reply.data))
    text = "\n".join(page.extract_text() for page in pdf.pages)
    return pdf, re.sub(r"\s+", " ", text.replace("\u200b", ""))


def bens(cast: Cast, task_id: UUID) -> UUID:
    """His own copy of what hers is a copy of."""
    given = db.session.scalars(select(Task.assignment_id).where(Task.id == task_id)).one()
    return task_of(cast.ben, given)


def events() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.event).order_by(AuditEvent.at)))


def test_a_sent_form_leads_to_a_page_that_says_that_a_file_stays_here(browser: Open, task_id: UUID) -> None:
    ana, page = browser("ana"), f"/my/tasks/{task_id}/copy"
    assert f'href="{page}"' in ana.get(f"/my/tasks/{task_id}").text
    asked = ana.get(page).text
    assert "It leaves a file on this device until you delete it" in asked
    assert NOTE in asked
    assert SECRET not in asked
    assert OPEN not in asked


def test_the_copy_holds_what_one_answered_and_who_reads_each_answer(browser: Open, task_id: UUID) -> None:
    ana = browser("ana")
    reply = taken(ana, task_id)
    assert (reply.mimetype, reply.headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="answers.pdf"'
    _, text = paper(ana, task_id)
    for words in ("One holds the floor", "Sent on Monday 23 November 2026", f"{OPEN} (Ines and Ben)", NOTE):
        assert words in text, words
    assert f"{SECRET} (Only Ines)" in text
    assert "7 of 10 (Ines and Ben)" in text
    assert "{coach}" not in text
    assert events()[-1] == "response:taken_along"


def test_what_tells_about_the_file_is_the_name_of_the_site_and_names_nobody(browser: Open, task_id: UUID) -> None:
    pdf, _ = paper(browser("ana"), task_id)
    told = pdf.metadata
    assert told is not None
    assert (told.title, told.author, told.subject) == ("Portal: Answers", "Portal", "Portal")
    assert not re.search("Ana|Ben|Ines|floor", str(dict(told)))


def test_it_is_the_same_whether_a_locked_question_was_answered_or_not(
    browser: Open, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = assign(cast, "one-holds-the-floor")
    hers, his = task_of(cast.ana, given), task_of(cast.ben, given)
    send(cast.ana, hers, floor(stopped_afraid="true"))
    send(cast.ben, his, floor(), key="of ben")
    monkeypatch.setattr(copies, "render_pdf", lambda html: Rendered(html.encode(), fallback=False))
    ana, ben = (taken(browser(name), one).text for name, one in (("ana", hers), ("ben", his)))
    assert "stopped" not in ana
    assert OPEN in ana
    assert ana == ben.replace("Ines and Ana", "Ines and Ben")


def test_a_corrected_form_is_given_as_it_stands_and_says_when(
    browser: Open, cast: Cast, wall: Wall, task_id: UUID
) -> None:
    wall.forward(minutes=90)
    correct(cast.ana, task_id, "understood", {"understood": BETTER})
    _, text = paper(browser("ana"), task_id)
    assert BETTER in text
    assert OPEN not in text
    assert "Corrected on Monday 23 November 2026, 21:30" in text


def test_that_private_questions_were_answered_again_is_not_told(
    browser: Open, cast: Cast, wall: Wall, task_id: UUID
) -> None:
    wall.forward(minutes=90)
    correct(cast.ana, task_id, correcting.PRIVATE, {"stopped_afraid": "false"})
    assert "response:corrected" in events()
    assert "Corrected on" not in paper(browser("ana"), task_id)[1]


def test_the_coachs_line_is_not_on_it(browser: Open, cast: Cast, task_id: UUID) -> None:
    from_coach = "Well held, both of you"
    reviews.review(cast.ines, db.session.scalars(select(Response.id)).one(), from_coach)
    assert from_coach not in paper(browser("ana"), task_id)[1]


def test_there_is_no_copy_without_the_pass_phrase_and_it_is_asked_for_each_time(browser: Open, task_id: UUID) -> None:
    ana, page = browser("ana"), f"/my/tasks/{task_id}/copy"
    taken(ana, task_id)
    before = len(events())
    for typed in ("", "not the right words"):
        reply = ana.post(page, {"passphrase": typed}, page=page)
        assert (reply.status_code, reply.mimetype) == (422, "text/html")
        assert SECRET not in reply.text
    assert "response:taken_along" not in events()[before:]


def test_guesses_are_counted_with_those_at_other_pages(browser: Open, task_id: UUID) -> None:
    ana, page = browser("ana"), f"/my/tasks/{task_id}/copy"
    for attempt in range(20):
        ana.post("/my/export", {"passphrase": f"guess {attempt}", "kind": "pdf"}, page=page)
    assert ana.post(page, {"passphrase": PASSPHRASE}, page=page).status_code == 429


def test_who_chose_never_to_be_shown_private_answers_finds_none_on_it(browser: Open, task_id: UUID) -> None:
    ana = browser("ana")
    ana.post("/my/account/revealing", {"never": "1", "passphrase": PASSPHRASE})
    _, text = paper(ana, task_id)
    assert SECRET not in text
    assert OPEN in text


def test_a_pass_phrase_that_came_by_mail_opens_no_copy_until_the_coach_vouches(
    browser: Open, cast: Cast, wall: Wall, task_id: UUID
) -> None:
    begin_write()
    row_of(cast).reset_at = wall.now
    db.session.commit()
    reply = taken(browser("ana"), task_id)
    assert reply.status_code == 422
    assert "until it is clear that it was you" in reply.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_sent_and_what_is_of_the_other_has_no_copy(
    browser: Open, cast: Cast, task_id: UUID, method: str
) -> None:
    unsent = bens(cast, task_id)
    for one in (unsent, task_id):
        page, asked = f"/my/tasks/{one}/copy", {"passphrase": PASSPHRASE}
        ben = browser("ben")
        reply = ben.get(page) if method == "get" else ben.post(page, dict(asked), page="/my/")
        assert reply.status_code == 404


def test_what_was_taken_away_from_the_other_is_said_as_on_the_page(
    browser: Open, cast: Cast, wall: Wall, task_id: UUID
) -> None:
    send(cast.ben, bens(cast, task_id), floor(), key="of ben")
    wall.forward(days=2)
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=True)
    _, text = paper(browser("ana"), task_id)
    assert "You took this away on 25 November 2026: Ben does not find it any more." in text


def test_what_pages_cannot_hold_is_said_beside_the_field(
    browser: Open, task_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(_html: str) -> Rendered:
        raise NotRendered("too slow")

    monkeypatch.setattr(copies, "render_pdf", too_slow)
    reply = taken(browser("ana"), task_id)
    assert reply.status_code == 422
    assert "Account has it as a table too." in reply.text
