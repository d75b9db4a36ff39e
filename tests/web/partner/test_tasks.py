"""Answering on a phone: nothing typed is lost, nothing is sent unseen, and errors stand where they belong."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest

from portal.domain.answers import Answer
from portal.domain.conditions import parse
from portal.domain.disclosure import Disclosure
from portal.domain.items import Item, ItemType, Option
from portal.services import responses, sent_forms
from portal.web.forms.answers import sorted_by_reader
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import OPEN, SECRET, assign, floor, send, task_of
from tests.pages import still

NONCE = re.compile(r'(nonce|name="csrf_token" value)="[^"]+"')
Open = Callable[[str | None], Browser]


@pytest.fixture
def given(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor", why="You talk over each other.")


@pytest.fixture
def address(cast: Cast, given: UUID) -> str:
    return f"/my/tasks/{task_of(cast.ana, given)}"


def posted(version: int = 0, **raw: str) -> dict[str, str]:
    offered = {"felt_heard-disclosure": "session", "understood-disclosure": "shared", "private-shown": "1"}
    return {"version": str(version)} | offered | raw


def test_a_task_says_what_to_do_and_groups_its_questions_by_who_reads_them(browser: Open, address: str) -> None:
    page = browser("ana").get(address).text
    assert "Hold a small object" in page
    assert "You talk over each other." in page
    assert "Until Monday 30 November" in page
    for head in ("Only Ines reads this", "Ines and Ben: opened in the session", "Only Ines reads this, always"):
        assert page.count(f">{head}<") == 1


def test_what_is_typed_stands_in_the_page_again(browser: Open, address: str) -> None:
    ana = browser("ana")
    assert ana.post(address, posted(later="1", understood=OPEN, done="partly", heat_peak="3")).status_code == 303
    page = ana.get(address).text
    assert OPEN in page
    assert re.search(r'name="heat_peak" value="3"[^>]* checked', page)
    assert "not sent yet" in page


def test_private_answers_are_kept_and_not_shown_again_whether_answered_or_not(browser: Open, address: str) -> None:
    ana, line = browser("ana"), "Kept as you left them."
    assert line not in ana.get(address).text
    ana.post(address, posted(later="1", stopped_afraid="yes"))
    answered = ana.get(address).text
    ana.post(address, posted(1, kept="clear"))
    cleared = ana.get(address).text
    assert line in answered
    assert re.sub(r'version" value="\d"|value="[^"]{60,}"|nonce="[^"]+"', "", answered) == re.sub(
        r'version" value="\d"|value="[^"]{60,}"|nonce="[^"]+"', "", cleared
    )


def test_the_page_before_sending_is_sorted_by_reader(browser: Open, address: str) -> None:
    ana = browser("ana")
    reply = ana.post(address, posted(understood=OPEN, done="done", heat_peak="3", stopped_afraid="yes"))
    assert reply.location == f"{address}/review"
    page = ana.get(f"{address}/review").text
    assert page.index("Ines and Ben") < page.index(OPEN) < page.index("Only Ines")
    assert "Private questions: not shown here" in page
    assert "afraid" not in page


def test_a_missing_choice_of_reader_is_private(browser: Open, cast: Cast, address: str) -> None:
    ana = browser("ana")
    ana.post(address, {"version": "0", "understood": OPEN, "felt_heard": "7"})
    finish(ana, address)
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert {answer.disclosure for answer in form.answers if answer.item_id != "stopped_afraid"} == {"coach"}


def finish(somebody: Browser, address: str) -> None:
    page = somebody.get(f"{address}/review").text
    found = {name: re.search(f'name="{name}" value="([^"]+)"', page) for name in ("version", "key")}
    fields = {name: match[1] for name, match in found.items() if match}
    assert somebody.post(f"{address}/review", fields | {"send": "1"}).location == f"{address}/sent"


def test_an_answer_is_kept_back_and_given_again_on_the_page_before_sending(
    browser: Open, cast: Cast, address: str
) -> None:
    ana = browser("ana")
    ana.post(address, posted(understood=OPEN))
    ana.post(f"{address}/review", {"version": "1", "narrow": "understood"})
    assert "Let Ben read this" in ana.get(f"{address}/review").text
    ana.post(f"{address}/review", {"version": "2", "widen": "understood"})
    finish(ana, address)
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert {a.item_id: a.disclosure.value for a in form.answers}["understood"] == "shared"


def test_a_wrong_number_is_named_beside_its_field_and_at_the_top_with_everything_kept(
    browser: Open, cast: Cast
) -> None:
    address = f"/my/tasks/{task_of(cast.ana, assign(cast, 'ten-clear-minutes'))}"
    ana = browser("ana")
    reply = ana.post(address, {"version": "0", "days_done": "9", "best_moment": OPEN, "private-shown": "1"})
    assert reply.status_code == 422
    assert reply.text.count("Give a number from 0 to 7.") == 2
    assert 'href="#f-days_done"' in reply.text
    assert OPEN in reply.text
    assert 'value="9"' in reply.text


def test_a_stale_page_shows_both_texts(browser: Open, address: str) -> None:
    phone, laptop = browser("ana"), browser("ana")
    phone.post(address, posted(later="1", understood="written on the phone"))
    reply = laptop.post(address, posted(understood="written on the laptop"))
    assert reply.status_code == 409
    assert "written on the phone" in reply.text
    assert "written on the laptop" in reply.text


def test_autosave_answers_with_a_version_and_refuses_a_stale_one(browser: Open, address: str) -> None:
    ana = browser("ana")
    first = ana.post(f"{address}/draft", posted(understood="a"))
    assert first.json == {"version": 1, "saved_at": "20:00"}
    stale = ana.post(f"{address}/draft", posted(understood="b"))
    assert stale.status_code == 409
    assert "newer draft" in stale.json["message"]


def test_a_late_autosave_never_reopens_a_sent_form(browser: Open, cast: Cast, address: str) -> None:
    ana = browser("ana")
    ana.post(address, posted(understood=OPEN))
    finish(ana, address)
    assert ana.post(f"{address}/draft", posted(1, understood="later")).status_code == 409
    late = ana.post(address, posted(1, understood="typed too late"))
    assert late.status_code == 409
    assert "typed too late" in late.text
    assert OPEN not in late.text


def test_a_sent_form_is_sealed_and_its_prompt_is_the_same_on_every_one(browser: Open, cast: Cast) -> None:
    first, second = assign(cast, "one-holds-the-floor"), assign(cast, "my-listening-habits")
    send(cast.ana, task_of(cast.ana, first), floor())
    send(cast.ana, task_of(cast.ana, second), {"done": "not_this_time"})
    ana = browser("ana")
    pages = [ana.get(f"/my/tasks/{task_of(cast.ana, given)}").text for given in (first, second)]
    for page in pages:
        assert SECRET not in page
        assert OPEN not in page
        assert "What you sent is closed" in page
    titles = ("One holds the floor", "My listening habits")
    ids = [str(task_of(cast.ana, given)) for given in (first, second)]
    same = [
        re.sub(r'value="[^"]+"|nonce="[^"]+"', "", page.replace(title, "").replace(task_id, ""))
        for page, title, task_id in zip(pages, titles, ids, strict=True)
    ]
    assert same[0] == same[1]


def test_the_page_after_sending_is_the_same_whatever_was_left_for_the_other(browser: Open, cast: Cast) -> None:
    first, second = assign(cast, "one-holds-the-floor"), assign(cast, "my-listening-habits")
    send(cast.ana, task_of(cast.ana, first), floor())
    send(cast.ana, task_of(cast.ana, second), {"done": "not_this_time"})
    ana = browser("ana")
    ids = [str(task_of(cast.ana, given)) for given in (first, second)]
    pages = [NONCE.sub("", ana.get(f"/my/tasks/{task_id}/sent").text.replace(task_id, "")) for task_id in ids]
    assert pages[0] == pages[1]
    assert "If you left something for Ben too, it opens at 08:00 on the morning after you have both sent" in pages[0]


def test_the_pass_phrase_opens_a_sent_form_for_five_minutes(browser: Open, cast: Cast, given: UUID, wall: Wall) -> None:
    send(cast.ana, task_of(cast.ana, given), floor())
    ana, address = browser("ana"), f"/my/tasks/{task_of(cast.ana, given)}"
    assert ana.post(f"{address}/reveal", {"passphrase": "not this one at all"}).status_code == 422
    ana.post(f"{address}/reveal", {"passphrase": PASSPHRASE})
    assert SECRET in ana.get(address).text
    wall.forward(minutes=6)
    assert SECRET not in ana.get(address).text


def test_the_other_partner_finds_no_such_task(browser: Open, address: str) -> None:
    ben, unknown = browser("ben"), "/my/tasks/00000000-0000-4000-8000-000000000000"
    for path in ("", "/review", "/sent"):
        theirs, nothing = ben.get(address + path), ben.get(unknown + path)
        assert still(theirs) == still(nothing)
        assert theirs.status_code == 404


def test_not_this_time_ends_the_form_after_what_got_in_the_way(browser: Open, cast: Cast, address: str) -> None:
    ana = browser("ana")
    ana.post(address, posted(done="not_this_time", felt_heard="5", understood="not kept"))
    finish(ana, address)
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert {answer.item_id for answer in form.answers} == {"done", "barrier", "stopped_afraid", "private_line"}


def test_keep_everything_private_in_one_tap(browser: Open, cast: Cast, address: str) -> None:
    ana = browser("ana")
    ana.post(address, posted(understood=OPEN, all_private="1"))
    task = responses.open_for(cast.ana, UUID(address.rsplit("/", 1)[1]))
    assert {answer.disclosure.value for answer in responses.look_over(task, task.typed)[0]} == {"coach", "locked"}


@pytest.mark.parametrize(("readers", "offered"), [("coach", []), ("shared", ["barrier"])])
def test_what_hangs_on_a_private_question_is_not_offered_to_the_other(readers: str, offered: list[str]) -> None:
    options = (Option("partly", "Partly"),)
    done = Item("done", ItemType.CHOICE, "Done?", Disclosure.SHARED, options=options)
    barrier = Item("barrier", ItemType.TEXT, "Why?", Disclosure.SHARED, show_if=parse("done = partly"))
    said = [(done, "partly", readers), (barrier, "no time", "coach")]
    pairs = [(item, Answer(item.id, value, None, Disclosure(word))) for item, value, word in said]
    rows = [row for sheet in sorted_by_reader(pairs, may_choose=True) for row in sheet.rows]
    assert [row.id for row in rows if row.widen and row.id == "barrier"] == offered
