"""What one signs: a quiet line at home, the text with what is new in it, and not a sign of it for the other."""

import re
from collections.abc import Callable

import pytest

from portal.domain.consent import Policy, RoleDuties
from portal.domain.texts import TextKind
from portal.services import policies, texts
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import assign, task_of
from tests.pages import says, still, title

Open = Callable[[str | None], Browser]
PAGE = "/my/account/consent"
ASKS = "The practice has changed its text."
NAMED = re.compile(r'name="(text_version|policy_version)"[^>]* value="(\d+)"')


def publish(cast: Cast, more: str = "# About letters\nNo letters are written for anybody.") -> None:
    shipped = texts.shipped(TextKind.CONSENT)
    texts.publish(cast.ines, TextKind.CONSENT, shipped.replace("# Recording\n", f"{more}\n\n# Recording\n"), 1)


def signs(ana: Browser, **changes: object):  # type: ignore[no-untyped-def]
    read = {name: value for name, value in NAMED.findall(ana.get(PAGE).text)}
    typed = {"signature": "Ana of the hill", "agreed": "y", "passphrase": PASSPHRASE}
    return ana.post(PAGE, {**typed, **read, **changes}, page=PAGE)


def test_while_nothing_is_new_home_says_nothing_and_the_page_shows_what_was_signed(browser: Open) -> None:
    ana = browser("ana")
    assert ASKS not in ana.get("/my/").text
    page = ana.get(PAGE)
    assert says(page, "Version 1 of the text, and the rule “Discretion”, on 25 August 2026")
    assert says(page, "Coaching builds relationship skills.")
    assert 'name="signature"' not in page.text
    assert title(page) == "Portal: Account"


def test_a_new_text_is_a_quiet_line_at_home_and_what_is_new_is_marked(browser: Open, cast: Cast) -> None:
    publish(cast)
    ana = browser("ana")
    assert ASKS in ana.get("/my/").text
    page = ana.get(PAGE)
    assert page.text.count('class="new"') == 1
    assert says(page, "No letters are written for anybody.")
    assert says(page, "Until you sign, what you signed on 25 August 2026 holds for you")
    reply = signs(ana)
    assert (reply.status_code, reply.location) == (303, PAGE)
    page = ana.get(PAGE)
    assert says(page, "Signed. It holds for you from now on.")
    assert says(page, "Version 2 of the text")
    assert 'class="new"' not in page.text
    assert ASKS not in ana.get("/my/").text


def test_what_no_longer_stands_is_told_too(browser: Open, cast: Cast) -> None:
    shipped = texts.shipped(TextKind.CONSENT)
    lost = "Nobody records a session unless everybody in it has agreed beforehand."
    texts.publish(cast.ines, TextKind.CONSENT, shipped.replace(lost, "Ask before you record."), 1)
    gone = browser("ana").get(PAGE).text.partition("What no longer stands there")[2].partition("</details>")[0]
    assert lost in gone


def test_another_rule_is_told_by_both_names_and_the_form_shows_the_one_that_was_signed(
    browser: Open, cast: Cast
) -> None:
    policies.change(cast.ines, Policy.OPEN, 1)
    ana, task = browser("ana"), f"/my/tasks/{task_of(cast.ana, assign(cast, 'topic-ladder'))}"
    assert says(ana.get(PAGE), "was “Discretion” and is now “Open”")
    assert says(ana.get(task), "What you tell privately stays private; Ines may ask you to share it.")
    assert "talk over with Ines first" in ana.get(task).text
    signs(ana)
    form = ana.get(task)
    assert says(form, "What you tell privately, Ines may bring into the room, and tells you before.")
    assert f'href="{PAGE}#private"' in form.text
    assert "talk over with Ines first" not in form.text


def test_role_and_duties_of_the_practice_are_printed(browser: Open, cast: Cast) -> None:
    body = texts.shipped(TextKind.CONSENT)
    texts.publish(cast.ines, TextKind.CONSENT, body, 1, RoleDuties(duty_to_protect=True, local_rule_note="Here, so."))
    page = browser("ana").get(PAGE)
    assert says(page, "that may mean telling others")
    assert says(page, "Here, so.")
    assert says(page, "What stands under “In what role” and “Duties by law” has changed.")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"signature": ""}, "Write your name: that is your signature."),
        ({"agreed": ""}, "Tick this if you agree."),
        ({"signature": "   "}, "Write your name: that is your signature."),
        ({"passphrase": ""}, "Give your pass phrase."),
        ({"passphrase": "not the right words"}, "This is not your pass phrase."),
        ({"text_version": "1"}, "The text was changed meanwhile. Please read it once more."),
        ({"policy_version": "x"}, "The text was changed meanwhile. Please read it once more."),
    ],
)
def test_what_is_not_whole_is_not_signed(browser: Open, cast: Cast, changes: dict[str, object], said: str) -> None:
    publish(cast)
    ana = browser("ana")
    reply = signs(ana, **changes)
    assert reply.status_code == 422
    assert says(reply, said)
    assert ASKS in ana.get("/my/").text


def test_nothing_of_it_shows_to_the_other(browser: Open, cast: Cast) -> None:
    publish(cast)
    policies.change(cast.ines, Policy.OPEN, 1)
    ana, ben = browser("ana"), browser("ben")
    pages = ("/my/", "/my/account", PAGE, "/my/shared", "/help-now")
    before = [still(ben.get(path)) for path in pages]
    signs(ana)
    ana.post("/my/understood")
    assert [still(ben.get(path)) for path in pages] == before


def test_leave_is_explained_until_it_is_understood(browser: Open, wall: Wall) -> None:
    ana = browser("ana")
    for _ in range(2):
        assert says(ana.get("/my/"), "it is no help against spyware")
    assert ana.post("/my/understood").location == "/my/"
    assert "spyware" not in ana.get("/my/").text
    wall.forward(days=30)
    assert "spyware" not in browser("ana").get("/my/").text
    assert "spyware" in browser("ben").get("/my/").text
