"""An invitation: a door of one's own, which a look does not open and a wrong code does not either."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from portal.extensions import db
from portal.models.consents import Consent
from portal.services import couples, invitations
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser, Wall
from tests.letters import letters, link
from tests.pages import TELLING, says, still, title

Open = Callable[[str | None], Browser]
GIL = address_of("gil")
OFFERED = r'class="offered">([^<]+)<'


@pytest.fixture
def invited(browser: Open, cast: Cast) -> str:
    """Ines sends Gil an invitation anew; gives the path of its link."""
    couple = f"/coach/couples/{cast.couples['gil']}"
    assert browser("ines").post(f"{couple}/partners/{cast.gil.person_id}/invite", page=couple).status_code == 303
    return link(GIL, "invitation")


def code_of(cast: Cast) -> str:
    """What Ines reads on her screen and tells Gil."""
    code = couples.couple(cast.ines, cast.couples["gil"]).partners[0].code
    assert code
    return code


def come_in(browser: Browser, path: str, code: str, **other: str) -> Any:
    typed = {"code": code, "passphrase": PASSPHRASE, "signature": "Gil Example", "agreed": "y"} | other
    return browser.post(path, {name: value for name, value in typed.items() if value}, page="/sign-in")


def a_wrong(code: str) -> str:
    return "000000" if code != "000000" else "111111"


def test_the_page_says_who_invites_and_who_reads_what(browser: Open, invited: str) -> None:
    page = browser(None).get(invited)
    assert page.status_code == 200
    for line in ("Hello, Gil.", "Ines of Practice North invites you.", "Most answers are read by Ines alone."):
        assert says(page, line)
    assert "Hana" not in page.text
    assert not TELLING.search(title(page))


def test_looking_changes_nothing_and_then_it_opens(browser: Open, cast: Cast, invited: str) -> None:
    first = still(browser(None).get(invited))
    browser(None).client.head(invited)
    assert still(browser(None).get(invited)) == first
    reply = come_in(browser(None), invited, code_of(cast))
    assert (reply.status_code, reply.location) == (303, "/sign-in?done=accepted")
    assert says(browser(None).get(reply.location), "Your account is ready. Sign in.")
    assert browser(None).sign_in(GIL).get("/").location == "/my/"


def test_coming_in_is_agreeing_and_the_policy_in_force_is_kept(browser: Open, cast: Cast, invited: str) -> None:
    come_in(browser(None), invited, code_of(cast))
    kept = db.session.scalars(select(Consent).where(Consent.person_id == cast.gil.person_id)).one()
    assert (kept.policy, kept.policy_version) == ("discretion", 1)


def test_nobody_comes_in_without_agreeing(browser: Open, cast: Cast, invited: str) -> None:
    reply = come_in(browser(None), invited, code_of(cast), agreed="")
    assert reply.status_code == 422
    assert says(reply, "Tick this if you agree.")
    assert come_in(browser(None), invited, code_of(cast)).status_code == 303


def test_what_was_typed_stays_but_the_pass_phrase(browser: Open, cast: Cast, invited: str) -> None:
    code = code_of(cast)
    reply = come_in(browser(None), invited, code, passphrase="too short")
    assert reply.status_code == 422
    assert f'value="{code}"' in reply.text
    assert "checked" in reply.text
    assert "too short" not in reply.text
    assert says(reply, "Use 12 characters or more.")
    assert come_in(browser(None), invited, code).status_code == 303


@pytest.mark.parametrize("passphrase", ["Gil Gil Gil 12", "Practice North", "password1234"])
def test_a_pass_phrase_made_of_names_is_refused(browser: Open, cast: Cast, invited: str, passphrase: str) -> None:
    reply = come_in(browser(None), invited, code_of(cast), passphrase=passphrase)
    assert reply.status_code == 422
    assert says(reply, "This one is easy to guess.")


def test_a_code_may_be_typed_with_spaces_around_it(browser: Open, cast: Cast, invited: str) -> None:
    assert come_in(browser(None), invited, f" {code_of(cast)} ").status_code == 303


def test_wrong_codes_are_counted_and_the_eleventh_is_refused_even_if_right(
    browser: Open, cast: Cast, invited: str
) -> None:
    code = code_of(cast)
    for _ in range(10):
        reply = come_in(browser(None), invited, a_wrong(code))
        assert reply.status_code == 422
        assert says(reply, "This code does not fit.")
    for late in (come_in(browser(None), invited, code), browser(None).get(invited)):
        assert late.status_code == 410
        assert says(late, "The code was wrong too often. Ask for a new invitation.")
        assert f'action="{invited}/again"' in late.text
    assert browser(None).post("/sign-in", {"email": GIL, "password": PASSPHRASE}, page="/sign-in").status_code == 422


def test_after_too_many_wrong_codes_the_coach_sends_another(
    browser: Open, cast: Cast, invited: str, wall: Wall
) -> None:
    code = code_of(cast)
    for _ in range(10):
        come_in(browser(None), invited, a_wrong(code))
    for name in ("ines", "mira"):
        page = browser(name).get(f"/coach/couples/{cast.couples['gil']}")
        assert f'class="code">{code}<' not in page.text
        assert says(page, "The code was typed wrong too often and opens nothing any more.")
    assert f"{cast.gil.person_id}/invite" in page.text
    wall.forward(minutes=1)
    invitations.invite_again(cast.ines, cast.couples["gil"], cast.gil.person_id, "http://127.0.0.1/invitations/{token}")
    assert come_in(browser(None), link(GIL, "invitation"), code_of(cast)).status_code == 303


def test_another_persons_code_does_not_fit(browser: Open, cast: Cast, invited: str) -> None:
    invitations.invite_again(
        cast.ines, cast.couples["gil"], cast.hana.person_id, "http://127.0.0.1/invitations/{token}"
    )
    hanas = couples.couple(cast.ines, cast.couples["gil"]).partners[1].code or ""
    if hanas != code_of(cast):
        assert come_in(browser(None), invited, hanas).status_code == 422


def test_a_used_link_says_so_and_leads_to_the_door(browser: Open, cast: Cast, invited: str) -> None:
    code = code_of(cast)
    come_in(browser(None), invited, code)
    for reply in (browser(None).get(invited), come_in(browser(None), invited, code, passphrase="another one of mine")):
        assert reply.status_code == 410
        assert says(reply, "It was used, replaced by a newer one, or it has run out.")
        assert says(reply, "Ask for a new one")
        assert 'href="/sign-in"' in reply.text
    assert browser(None).sign_in(GIL).get("/").location == "/my/"


def test_a_link_runs_out_after_two_weeks(browser: Open, cast: Cast, invited: str, wall: Wall) -> None:
    code = code_of(cast)
    wall.forward(days=13, hours=23)
    assert browser(None).get(invited).status_code == 200
    wall.forward(hours=1)
    reply = come_in(browser(None), invited, code)
    assert reply.status_code == 410
    assert says(reply, "It was used, replaced by a newer one, or it has run out.")


def test_sending_it_again_ends_the_first_link(browser: Open, cast: Cast, invited: str, wall: Wall) -> None:
    wall.forward(minutes=1)
    invitations.invite_again(cast.ines, cast.couples["gil"], cast.gil.person_id, "http://127.0.0.1/invitations/{token}")
    revoked, unknown = browser(None).get(invited), browser(None).get("/invitations/" + "x" * 32)
    assert revoked.status_code == 410
    token = invited.rsplit("/", 1)[1]
    assert still(revoked, token) == still(unknown, "x" * 32)
    assert come_in(browser(None), link(GIL, "invitation"), code_of(cast)).status_code == 303


def test_an_invitation_sets_no_pass_phrase_as_a_reset_would(browser: Open, invited: str) -> None:
    assert browser(None).get(invited.replace("/invitations/", "/reset/")).status_code == 410


def test_the_mail_holds_the_link_and_never_the_code(cast: Cast, invited: str) -> None:
    [*_, mail] = letters(GIL, "invitation")
    assert code_of(cast) not in " ".join(mail.words.values()).replace(invited, "")


def test_one_of_two_comes_in_and_the_other_is_still_outside(browser: Open, cast: Cast, invited: str) -> None:
    come_in(browser(None), invited, code_of(cast))
    hana = {"email": address_of("hana"), "password": PASSPHRASE}
    assert browser(None).post("/sign-in", hana, page="/sign-in").status_code == 422
    gil = browser(None).sign_in(GIL)
    for path in ("/my/", "/my/shared", "/my/account"):
        assert "invited" not in gil.get(path).text


def test_one_tap_on_a_dead_link_lets_the_coach_know_and_is_answered_alike(
    browser: Open, cast: Cast, invited: str, wall: Wall
) -> None:
    couple = f"/coach/couples/{cast.couples['gil']}"
    replies = [browser(None).post("/invitations/unknown/again", page="/reset")]
    assert "asked for a new invitation" not in browser("ines").get(couple).text
    wall.forward(days=15)
    replies.append(browser(None).post(f"{invited}/again", page="/reset"))
    assert "Gil asked for a new invitation" in browser("ines").get(couple).text
    browser("ines").post(f"{couple}/partners/{cast.gil.person_id}/invite", page=couple)
    path = link(GIL, "invitation")
    assert "asked for a new invitation" not in browser("ines").get(couple).text
    come_in(browser(None), path, code_of(cast))
    replies.append(browser(None).post(f"{path}/again", page="/reset"))
    assert "asked for a new invitation" not in browser("ines").get(couple).text
    assert [still(reply) for reply in replies] == [still(replies[0])] * 3


def test_a_look_at_a_link_with_any_safe_verb_writes_nothing(browser: Open, cast: Cast, invited: str) -> None:
    for verb in ("get", "head", "options"):
        getattr(browser(None).client, verb)(invited)
        getattr(browser(None).client, verb)(f"{invited}/again")
    assert "asked for a new" not in browser("ines").get(f"/coach/couples/{cast.couples['gil']}").text
    assert come_in(browser(None), invited, code_of(cast)).status_code == 303


def test_a_pass_phrase_is_offered_and_may_be_taken(browser: Open, cast: Cast, invited: str) -> None:
    first, second = (re.findall(OFFERED, browser(None).get(invited).text) for _ in range(2))
    assert first != second
    assert come_in(browser(None), invited, code_of(cast), passphrase=first[0]).status_code == 303


def test_a_shared_mailbox_has_a_user_name_at_the_door_that_can_be_changed(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    new = {"name_a": "Kai", "address_a": "our@home.example", "name_b": "Lou", "address_b": "our@home.example"}
    names = {"user_name_a": "amber-otter", "user_name_b": "quiet-wren"}
    ines = browser("ines")
    refused = ines.post("/coach/couples/new", new | names)
    assert refused.status_code == 422
    assert says(refused, "or both want it so")
    made = ines.post("/coach/couples/new", new | names | {"shares_mailbox": "1"})
    assert made.status_code == 303
    couple = ines.get(made.location).text
    path = link("our@home.example", "invitation")
    name = "Kai" if "Hello, Kai" in browser(None).get(path).text else "Lou"
    own, codes = names["user_name_a" if name == "Kai" else "user_name_b"], re.findall(r'class="code">(\d+)<', couple)
    code = codes[["Kai", "Lou"].index(name)]
    slips = re.findall(r'href="([^"]+/slip)"', couple)
    assert own in ines.get(slips[["Kai", "Lou"].index(name)]).text
    guessed = come_in(browser(None), path, a_wrong(code))
    short = come_in(browser(None), path, code, passphrase="")
    assert [own in page.text for page in (browser(None).get(path), guessed, short)] == [False] * 3
    assert f'value="{own}"' in come_in(browser(None), path, code).text  # with the right code, and no name typed
    reply = come_in(browser(None), path, code, user_name="late-larch")
    assert reply.status_code == 303
    assert browser(None).sign_in("late-larch").get("/").location == "/my/"
    wrong = {"email": "our@home.example", "password": PASSPHRASE}
    unknown = {"email": "out@home.example", "password": PASSPHRASE}
    replies = [
        still(browser(None).post("/sign-in", typed, page="/sign-in"), typed["email"]) for typed in (wrong, unknown)
    ]
    assert replies[0] == replies[1]
    assert replies[0][0] == 422
