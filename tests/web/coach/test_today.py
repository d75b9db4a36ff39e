"""Today says what is next and who needs the coach; what waits for the coach alone is one banner and nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta

from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.services import couples, hand_overs, invitations, members
from tests import many, weeks
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import Browser, Wall
from tests.letters import link
from tests.tenants import with_the_practice_said

Open = Callable[[str | None], Browser]
BANNER = re.compile(r'<section class="card alone".*?</section>', re.S)
TOKEN = re.compile(r'value="[^"]{40,}"')
NONCE = re.compile(r'(nonce|name="csrf_token" value)="[^"]+"')


def plain(page: str) -> str:
    return NONCE.sub("", page)


def test_an_empty_day_says_so(browser: Open) -> None:
    page = browser("omar").get("/coach/").text
    assert "Monday 23 November" in page
    assert "No session in the coming week." in page
    assert "Nothing is assigned." in page
    assert "Cleo &amp; Dov" in page
    assert "Ana" not in page


def test_the_next_session_shows_both_partners_side_by_side(browser: Open, cast: Cast, wall: Wall) -> None:
    couple_id = cast.couples["ana"]
    wall.forward(days=-6)
    weeks.meet(couple_id, wall.now)
    wall.forward(hours=1)
    given = weeks.assign(cast.ines, couple_id)
    weeks.send(cast.ana, given, {"done": "done"})
    weeks.send(cast.ben, given, {"done": "partly", "barrier": "time"})
    weeks.check_in(cast.ines, couple_id, cast.ana, t2="A plan for the weekend")
    wall.forward(days=6)
    weeks.meet(couple_id, wall.now + timedelta(hours=1))
    page = browser("ines").get("/coach/").text
    hero = page[page.index('class="card hero"') : page.index("</article>")]
    for words in ("Ana &amp; Ben", "Session 2", "21:00", "50 minutes", "“A plan for the weekend”"):
        assert words in hero
    for words in (": done.", ": partly.", "No check-in since the last session.", "not to be quoted.", "Open the brief"):
        assert words in hero
    assert "One session today." in page


def test_a_session_with_one_partner_shows_that_one_alone(browser: Open, cast: Cast, wall: Wall) -> None:
    weeks.meet(cast.couples["ana"], wall.now + timedelta(hours=1), SessionKind.INDIVIDUAL_B)
    page = browser("ines").get("/coach/").text
    hero = page[page.index('class="card hero"') : page.index("</article>")]
    assert "Ben alone" in hero
    assert "who-a" not in hero


def test_who_needs_the_coach_is_named_with_the_reason(browser: Open, cast: Cast, wall: Wall) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, cast.ben)
    weeks.assign(cast.ines, cast.couples["ana"])
    page = browser("ines").get("/coach/").text
    assert "Nobody has come in yet." in page
    wall.forward(days=15)
    page = browser("ines").get("/coach/").text
    assert "A task ended on Monday 30 November and is still open." in page
    assert "Nothing from one of them since 23 November." in page


def test_what_is_said_of_homework_names_the_task_that_was_sent(browser: Open, cast: Cast, wall: Wall) -> None:
    couple_id = cast.couples["ana"]
    given = weeks.assign(cast.ines, couple_id)
    weeks.send(cast.ben, given, {"done": "done"})
    wall.forward(days=1)
    weeks.assign(cast.ines, couple_id, "meet-good-news")
    weeks.meet(couple_id, wall.now + timedelta(hours=1))
    page = browser("ines").get("/coach/").text
    hero = page[page.index('class="card hero"') : page.index("</article>")]
    assert "One holds the floor: done." in hero
    assert hero.count(": done.") == 1


def test_who_alone_has_not_come_in_is_named(browser: Open, cast: Cast) -> None:
    couple_id = cast.couples["gil"]
    invitations.invite_again(cast.ines, couple_id, cast.gil.person_id, "/invitations/{token}")
    code = couples.couple(cast.ines, couple_id).partners[0].code
    invitations.accept_invitation(link(address_of("gil"), "invitation").rsplit("/", 1)[1], code or "", PASSPHRASE)
    page = browser("ines").get("/coach/").text
    needs = page[page.index('id="needs"') : page.index('id="came"')]
    assert "Hana has not come in yet." in needs
    assert "Nobody has come in yet." not in needs
    assert "Not come in yet" in browser("ines").get("/coach/couples/?q=hana").text


def test_what_came_in_leads_to_the_form(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ben)
    page = browser("ines").get("/coach/").text
    assert re.search(r'href="/coach/responses/[0-9a-f-]{36}">Ben<span class="hidden">: Weekly check-in', page)
    assert "An evening off the list" not in page


def test_the_banner_is_the_same_for_every_kind_of_signal(browser: Open, cast: Cast) -> None:
    given, banners = weeks.assign(cast.ines, cast.couples["ana"], weeks.CHECK_IN), set()
    for partner, raw in ((cast.ana, {"x1": "yes"}), (cast.ben, {"x3": "next_days"})):
        weeks.send(partner, given, weeks.A_WEEK | raw)
        found = BANNER.search(browser("ines").get("/coach/").text)
        assert found
        banners.add(TOKEN.sub("", found[0]))
        browser("ines").post("/coach/alone")
    assert len(banners) == 1


def test_no_other_coach_sees_the_banner(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    for name in ("omar", "sol"):
        assert not BANNER.search(browser(name).get("/coach/").text)


def test_the_day_costs_as_many_statements_for_ten_couples_as_for_a_thousand(browser: Open, cast: Cast) -> None:
    ines, counts = browser("ines"), []
    for count in (10, 990):
        many.add_couples(cast.ines, count)
        db.session.remove()
        with many.counted() as sent:
            assert ines.get("/coach/").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= with_the_practice_said(12, times=1)


def test_today_says_that_a_couple_is_offered_and_that_one_has_no_coach(browser: Open, cast: Cast) -> None:
    hand_overs.offer(cast.ines, cast.couples["ana"], cast.omar.person_id, "http://x")
    assert "A couple is offered to you." in browser("omar").get("/coach/").text
    members.deactivate(cast.ines, cast.omar.person_id, "http://127.0.0.1:8000/my/account")
    page = browser("ines").get("/coach/").text
    assert '<a href="/coach/practice/members">One couple of the practice has no coach.</a>' in page
    assert "offered to you" not in page


def test_an_offer_stands_on_the_couples_page_until_it_is_taken_back(browser: Open, cast: Cast) -> None:
    ines, couple = browser("ines"), f"/coach/couples/{cast.couples['ana']}"
    reply = ines.post(f"{couple}/hand-over", {"colleague": str(cast.omar.person_id)}, page=f"{couple}/colleagues")
    assert reply.status_code == 303
    page = ines.get(f"{couple}/colleagues").text
    assert "Offered to Omar on 23 November 2026." in page
    assert "Offer them" not in page
    ines.post(f"{couple}/hand-over/take-back", page=f"{couple}/colleagues")
    assert "Offer them" in ines.get(f"{couple}/colleagues").text
    assert "offered to you" not in browser("omar").get("/coach/").text
