"""The pages around a couple: their own coach alone reads them, and a code is shown until it has been used."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from portal import clock
from portal.domain.people import Label
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.couples import Couple
from portal.models.practices import Practice
from portal.models.users import Person, Token
from portal.services import accounts, assignments, contacts, couples, invitations, outbox, resets
from tests import many, tenants, weeks
from tests.cast import LINK, PASSPHRASE, Cast, accept
from tests.conftest import Browser, Wall
from tests.given import assign
from tests.pages import reset_in, still

Open = Callable[[str | None], Browser]
CODE = re.compile(r'<p class="code">(\d{6})</p>')
BANNED = ("clinical", "severe", "normal", "healthy", "at risk", "recovered", "reliable improvement", "diagnosis")
PAGES = ("", "/trends", "/trends?show=signs", "/trends?show=benefits", "/trends?show=steps", "/homework")
NEW = {"name_a": "Ida", "address_a": "ida@home.example", "name_b": "Jo", "address_b": "jo@home.example"}


def fresh_codes(cast: Cast) -> None:
    """The gathered invitations are three months old; send them again."""
    for partner in couples.couple(cast.ines, cast.couples["gil"]).partners:
        invitations.invite_again(cast.ines, cast.couples["gil"], partner.person_id, LINK)


@pytest.mark.parametrize("audience", ["emergency", "ipv"])
def test_nobody_real_is_invited_before_there_is_somebody_else_to_call_and_what_was_typed_stays(
    browser: Open, cast: Cast, audience: str
) -> None:
    kept = next(one for one in contacts.kept_by_practice(cast.ines) if one.listed.audience == audience)
    contacts.remove(cast.ines, kept.contact_id)
    ines, before = browser("ines"), db.session.scalar(select(func.count(Couple.id)))
    assert "Both are checked before the first invitation goes out" in ines.get("/coach/couples/new").text
    refused = ines.post("/coach/couples/new", NEW)
    assert refused.status_code == 422
    assert "Your practice has to check an emergency contact and one for partner violence first." in refused.text
    assert all(f'value="{typed}"' in refused.text for typed in NEW.values())
    assert db.session.scalar(select(func.count(Couple.id))) == before
    contacts.add(cast.ines, kept.listed)
    assert ines.post("/coach/couples/new", NEW).status_code == 303


def test_a_demo_invites_whomever_it_likes_and_a_stale_contact_keeps_nobody_out(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    wall.forward(days=400)
    assert browser("ines").post("/coach/couples/new", NEW).status_code == 303
    for kept in contacts.kept_by_practice(cast.sol):
        contacts.remove(cast.sol, kept.contact_id)
    db.session.execute(update(Practice).where(Practice.id == cast.sol.practice_id).values(is_demo=True))
    db.session.commit()
    assert browser("sol").post("/coach/couples/new", NEW).status_code == 303


@pytest.mark.parametrize("page", [*PAGES, "/partners/{person}/slip"])
def test_nobody_but_their_coach_reads_a_couple(browser: Open, cast: Cast, page: str) -> None:
    fresh_codes(cast)
    path = f"/coach/couples/{cast.couples['gil']}{page.replace('{person}', str(cast.gil.person_id))}"
    assert browser("ines").get(path).status_code == 200
    for name in ("omar", "sol", "ana", "ben"):
        assert browser(name).get(path).status_code == 404
    assert browser(None).get(path).status_code == 303


@pytest.mark.parametrize("act", ["/step", "/partners/{person}/invite", "/partners/{person}/vouch"])
def test_nobody_but_their_coach_acts_on_a_couple(browser: Open, cast: Cast, act: str) -> None:
    path = f"/coach/couples/{cast.couples['gil']}{act.replace('{person}', str(cast.gil.person_id))}"
    for name in ("omar", "sol", "ana"):
        assert browser(name).post(path, {"step": "repair"}).status_code == 404
    assert browser("ines").post(path, {"step": "repair"}).status_code == 303


def test_a_couple_and_a_person_that_do_not_belong_together_are_not_found(browser: Open, cast: Cast) -> None:
    fresh_codes(cast)
    ines = browser("ines")
    for person in (cast.ana.person_id, uuid4()):
        path = f"/coach/couples/{cast.couples['gil']}/partners/{person}"
        assert ines.get(f"{path}/slip").status_code == 404
        assert ines.post(f"{path}/invite").status_code == 404
    assert ines.get(f"/coach/couples/{uuid4()}").status_code == 404


def test_a_couple_is_invited_and_its_codes_are_shown_with_the_sentence_to_say(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    reply = ines.post("/coach/couples/new", NEW)
    assert reply.status_code == 303
    page = ines.get(reply.location).text
    assert "Ida &amp; Jo" in page
    assert len(set(CODE.findall(page))) == 2
    assert page.count("You will get a mail from Portal; that is me.") == 2
    assert {mail.words["name"] for mail in outbox.due()} >= {"Ida", "Jo"}


@pytest.mark.parametrize(
    ("changed", "words", "field"),
    [
        ({"name_a": " "}, "One partner: give the name that this person goes by.", "name_a"),
        ({"address_a": "nowhere"}, "Give an e-mail address, such as name@example.org.", "address_a"),
        ({"address_b": "jo@home"}, "Give an e-mail address, such as name@example.org.", "address_b"),
        ({"address_b": " IDA@home.example "}, "the other partner’s address", "address_b"),
        ({"name_b": "x" * 61}, "Use 60 characters at most.", "name_b"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_everything_stays(
    browser: Open, cast: Cast, changed: dict[str, str], words: str, field: str
) -> None:
    ines, typed = browser("ines"), NEW | changed
    before = db.session.scalar(select(func.count()).select_from(Couple))
    reply = ines.post("/coach/couples/new", typed)
    assert reply.status_code == 422
    error = re.search(rf'id="{field}-error">(.*?)</p>', reply.text, re.S)
    assert error
    assert words in error[1]
    assert f'href="#{field}"' in reply.text
    for value in typed.values():
        assert f'value="{value}"' in reply.text
    assert db.session.scalar(select(func.count()).select_from(Couple)) == before


def test_a_code_is_shown_only_until_its_person_has_come_in(browser: Open, cast: Cast) -> None:
    fresh_codes(cast)
    ines, path = browser("ines"), f"/coach/couples/{cast.couples['gil']}"
    both = CODE.findall(ines.get(path).text)
    assert len(both) == 2
    slip = ines.get(f"{path}/partners/{cast.gil.person_id}/slip").text
    assert CODE.findall(slip) == [both[0]]
    assert "Hana" not in slip.replace("Gil &amp; Hana", "")
    links = {mail.words["name"]: mail.words["link"] for mail in outbox.due()}
    accept(links["Gil"].rsplit("/", 1)[1])
    page = ines.get(path).text
    assert CODE.findall(page) == [both[1]]
    assert both[0] not in page
    assert ines.get(f"{path}/partners/{cast.gil.person_id}/slip").status_code == 404


def test_an_address_is_changed_until_its_person_has_come_in(browser: Open, cast: Cast) -> None:
    fresh_codes(cast)
    ines, path = browser("ines"), f"/coach/couples/{cast.couples['gil']}"
    (old, _), before = CODE.findall(ines.get(path).text), {mail.words["link"] for mail in outbox.due()}
    at = f"{path}/partners/{cast.gil.person_id}/address"
    wrong = ines.post(at, {"address": " HANA@home.example"}, page=path)
    assert wrong.status_code == 422
    assert "the other partner’s address" in wrong.text
    assert 'href="#address-A"' in wrong.text
    said = set()
    for address in ("gil.new@home.example", "ana@home.example"):  # one that nobody has, and one that opens a door
        reply = ines.post(at, {"address": address}, page=path)
        page = ines.get(reply.location).text
        said.update(re.findall(r'role="status">.*?<p>(.*?)</p>', page, re.S))
        assert old not in page
    assert len(said) == 1  # what Ines sees does not tell that the second is known
    new = [mail.address for mail in outbox.due() if mail.words["link"] not in before]
    assert "ana@home.example" in new
    links = {mail.words["name"]: mail.words["link"] for mail in outbox.due()}  # the latest of each
    accept(links["Hana"].rsplit("/", 1)[1])
    assert ines.get(path).text.count("Change the address") == 1


def test_an_invitation_is_withdrawn_and_with_the_last_the_couple_leaves_the_list(browser: Open, cast: Cast) -> None:
    fresh_codes(cast)
    ines, path = browser("ines"), f"/coach/couples/{cast.couples['gil']}"
    link = {mail.words["name"]: mail.words["link"] for mail in outbox.due()}["Gil"]
    assert ines.post(f"{path}/partners/{cast.gil.person_id}/withdraw", page=path).status_code == 303
    assert browser(None).get(link.removeprefix("http://127.0.0.1:8000")).status_code == 410
    assert len(CODE.findall(ines.get(path).text)) == 1
    assert "Gil &amp; Hana" in ines.get("/coach/couples/").text
    assert ines.post(f"{path}/partners/{cast.hana.person_id}/withdraw", page=path).status_code == 303
    assert "Gil &amp; Hana" not in ines.get("/coach/couples/").text
    assert "has not come in yet" not in ines.get(path).text


def test_who_has_come_in_keeps_address_and_door(browser: Open, cast: Cast) -> None:
    ines, path = browser("ines"), f"/coach/couples/{cast.couples['ana']}"
    ines.post(f"{path}/partners/{cast.ana.person_id}/address", {"address": "new@home.example"}, page=path)
    ines.post(f"{path}/partners/{cast.ana.person_id}/withdraw", page=path)
    assert not [mail for mail in outbox.due() if mail.address == "new@home.example"]
    assert accounts.sign_in("ana@home.example", PASSPHRASE, None)


def test_unread_forms_of_any_age_are_one_link_from_the_chip(browser: Open, cast: Cast, wall: Wall) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, cast.ben)
    wall.forward(days=30)
    ines, homework = browser("ines"), f"/coach/couples/{cast.couples['ana']}/homework"
    assert f'href="{homework}#unread"' in ines.get("/coach/couples/").text
    page = ines.get(homework).text
    unread = set(
        re.findall(r"/coach/responses/[0-9a-f-]+", page[page.index('id="unread"') : page.index('id="check-ins"')])
    )
    assert len(unread) == 2
    assert unread <= set(re.findall(r"/coach/responses/[0-9a-f-]+", ines.get("/coach/").text))
    for one in unread:
        ines.post(one, {"feedback": ""}, page=one)
    page = ines.get(homework).text
    assert 'id="unread"' not in page
    assert unread == set(re.findall(r"/coach/responses/[0-9a-f-]+", page))
    assert not unread & set(re.findall(r"/coach/responses/[0-9a-f-]+", ines.get("/coach/").text))


def test_the_week_side_by_side_is_one_that_both_answered(browser: Open, cast: Cast, wall: Wall) -> None:
    couple_id, path = cast.couples["ana"], f"/coach/couples/{cast.couples['ana']}/trends"
    weeks.check_in(cast.ines, couple_id, cast.ben)
    page = browser("ines").get(path).text
    assert "Ana has not answered this week." in page
    assert "Two experiences" not in page
    assert "Bars at the right" not in page
    wall.forward(days=7)
    weeks.check_in(cast.ines, couple_id, cast.ana, cast.ben)
    wall.forward(days=7)
    weeks.check_in(cast.ines, couple_id, cast.ben)
    page = browser("ines").get(path).text
    assert "Week of 30 November" in page
    assert "Two experiences of the same week." in page


def test_both_names_find_a_couple_in_either_order(browser: Open) -> None:
    for typed in ("ana ben", "ben ana", "be an"):
        assert "Ana &amp; Ben" in browser("ines").get(f"/coach/couples/?q={typed}").text
    assert "Nobody is listed here." in browser("ines").get("/coach/couples/?q=ben gil").text


def test_sending_again_ends_the_old_code(browser: Open, cast: Cast) -> None:
    ines, path = browser("ines"), f"/coach/couples/{cast.couples['gil']}"
    assert "The invitation has run out or was withdrawn." in ines.get(path).text
    seen = set()
    for _ in range(2):
        assert ines.post(f"{path}/partners/{cast.hana.person_id}/invite").status_code == 303
        (code,) = CODE.findall(ines.get(path).text)
        seen.add(code)
    assert len(seen) == 2
    usable = select(func.count()).where(
        Token.person_id == cast.hana.person_id, Token.revoked_at.is_(None), Token.used_at.is_(None)
    )
    assert db.session.scalar(usable) == 1


def test_the_step_is_set_and_one_that_is_not_there_is_refused(browser: Open, cast: Cast) -> None:
    ines, path = browser("ines"), f"/coach/couples/{cast.couples['ana']}"
    assert ines.post(f"{path}/step", {"step": "repair"}).status_code == 303
    assert "Step 5, Repair" in ines.get(path).text
    reply = ines.post(f"{path}/step", {"step": "no_such_step"})
    assert reply.status_code == 422
    assert "Choose one of the steps." in reply.text
    assert couples.couple(cast.ines, cast.couples["ana"]).step == "repair"


def test_a_pass_phrase_that_was_reset_is_vouched_for_once(browser: Open, cast: Cast, wall: Wall) -> None:
    ines, path = browser("ines"), f"/coach/couples/{cast.couples['ana']}"
    assert "was reset by a mail" not in ines.get(path).text
    reset(wall)
    page = ines.get(path).text
    assert "Ana’s pass phrase was reset by a mail" in page
    vouch, stale = f"{path}/partners/{cast.ana.person_id}/vouch", {"reset": reset_in(page)}
    reset(wall)
    for other in (stale, {}, {"reset": "yesterday"}):
        ines.post(vouch, other)
        page = ines.get(path).text
        assert "Their pass phrase was reset once more since you opened this page." in page
        assert "Ana’s pass phrase was reset by a mail" in page
    assert ines.post(vouch, {"reset": reset_in(page)}).status_code == 303
    assert "was reset by a mail" not in ines.get(path).text
    events = select(AuditEvent.event).where(AuditEvent.subject_id == cast.ana.person_id)
    assert "person:vouched_for" in set(db.session.scalars(events))
    reset(wall)
    assert "was reset by a mail" in ines.get(path).text


def reset(wall: Wall) -> None:
    wall.forward(minutes=11)
    resets.ask_for_reset("ana@home.example", LINK)
    resets.answer_requests()
    link = next(mail.words["link"] for mail in reversed(outbox.due()) if mail.message == "reset")
    resets.reset_passphrase(link.rsplit("/", 1)[1], PASSPHRASE + " again")


def test_vouching_for_who_needs_none_changes_nothing(browser: Open, cast: Cast) -> None:
    path = f"/coach/couples/{cast.couples['ana']}/partners/{cast.ben.person_id}/vouch"
    assert browser("ines").post(path).status_code == 303
    vouched = select(Person.vouched_at).where(Person.id == cast.ben.person_id)
    assert db.session.scalar(vouched) is None


def written(cast: Cast, wall: Wall) -> str:
    """Twelve weeks of Ana and Ben, Ben's with gaps, and homework; gives the couple's address."""
    start, couple_id = wall.now, cast.couples["ana"]
    for ago in range(11, -1, -1):
        wall.to(start - timedelta(weeks=ago, hours=2))
        who = (cast.ana, cast.ben) if ago not in (6, 7) else (cast.ana,)
        weeks.check_in(cast.ines, couple_id, *who, s1=str(8 - (11 - ago) // 2), b1=str(2 + (11 - ago) // 2))
        if ago == 3:
            weeks.meet(couple_id, wall.now)
            given = weeks.assign(cast.ines, couple_id)
    weeks.send(cast.ana, given, {"done": "done"})
    wall.to(start)
    weeks.meet(couple_id, wall.now + timedelta(days=1))
    return f"/coach/couples/{couple_id}"


def test_the_overview_sets_both_side_by_side(browser: Open, cast: Cast, wall: Wall) -> None:
    page = browser("ines").get(written(cast, wall)).text
    for words in ("Session 2: Tuesday 24 November", "Since session 1", "Step 1, Active listening."):
        assert words in page
    assert page.count("An evening off the list") == 2
    assert "11 of 11 check-ins have a score." not in page
    assert "12 of 12 check-ins have a score." in page
    assert "10 of 10 check-ins have a score." in page
    assert re.search(r'<a href="/coach/responses/[0-9a-f-]+">Done', page)
    assert "Not sent" in page


def test_the_table_says_what_the_chart_draws_and_leaves_gaps_as_gaps(browser: Open, cast: Cast, wall: Wall) -> None:
    page = browser("ines").get(written(cast, wall)).text
    rows = re.findall(r'<tr><th scope="row">[^<]+</th><td>([^<]+)</td><td>([^<]+)</td></tr>', page)
    cells = [ben for _, ben in rows]
    assert len(cells) == 12
    assert [index for index, cell in enumerate(cells) if cell == "–"] == [4, 5]


def test_homework_that_was_withdrawn_is_no_mark_in_the_chart(browser: Open, cast: Cast, wall: Wall) -> None:
    address = written(cast, wall)
    withdrawn = weeks.assign(cast.ines, cast.couples["ana"], "meet-good-news")
    ines = browser("ines")
    assert "Meet good news" in ines.get(address).text
    assignments.withdraw(cast.ines, withdrawn)
    for page in (address, f"{address}/trends"):
        assert "Meet good news" not in ines.get(page).text


def test_no_page_of_a_couple_combines_the_two_or_uses_a_banned_word(browser: Open, cast: Cast, wall: Wall) -> None:
    path, ines = written(cast, wall), browser("ines")
    for page in PAGES:
        reply = ines.get(f"{path}{page}")
        assert reply.status_code == 200
        words = re.sub(r"<[^>]+>", " ", reply.text).lower()
        for banned in (*BANNED, "average", "convergence", "attunement", "noise", "adherence", "%"):
            assert banned not in words, (page, banned)


def test_trends_turn_signs_round_and_fall_back_to_the_score(browser: Open, cast: Cast, wall: Wall) -> None:
    path, ines = written(cast, wall), browser("ines")
    signs = ines.get(f"{path}/trends?show=signs").text
    assert re.search(r"Holding back<span class=\"sub\">I held something back.*?</span></th><td>7</td><td>7</td>", signs)
    assert 'aria-current="true">Signs' in signs
    for picked in ("", "?show=", "?show=everything"):
        assert 'aria-current="true">Score' in ines.get(f"{path}/trends{picked}").text


def test_partners_names_are_escaped_in_pages_and_charts(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    reply = ines.post("/coach/couples/new", NEW | {"name_a": "<b>Ida", "name_b": 'Jo" & co'})
    for path in (reply.location, f"{reply.location}/trends", "/coach/couples/"):
        assert "<b>Ida" not in ines.get(path).text


@pytest.mark.parametrize(
    "query", ["page=0", "page=-3", "page=x", "page=99999999", "sort=;drop", "state=%00", "step=%00", "q=%00%25"]
)
def test_odd_queries_give_a_page(browser: Open, query: str) -> None:
    assert browser("ines").get(f"/coach/couples/?{query}").status_code == 200


def test_the_list_carries_the_query_along_and_turns_the_sorted_head(browser: Open, cast: Cast) -> None:
    many.add_couples(cast.ines, 45)
    page = browser("ines").get("/coach/couples/?q=p&sort=names&page=2").text
    assert "21 to 40 of 45" in page
    assert 'aria-sort="ascending"><a href="/coach/couples/?q=p&amp;sort=-names"' in page
    assert 'href="/coach/couples/?q=p&amp;sort=names&amp;page=3" rel="next"' in page
    assert 'href="/coach/couples/?q=p&amp;sort=names" rel="prev"' in page
    assert 'value="p"' in page


def test_nobody_listed_says_what_to_try(browser: Open) -> None:
    assert "Nobody is listed here." in browser("ines").get("/coach/couples/?q=nobody").text


def test_list_and_couple_cost_at_most_twelve_statements(browser: Open, cast: Cast, wall: Wall) -> None:
    path, ines = written(cast, wall), browser("ines")
    many.add_couples(cast.ines, 10)
    for page in ("/coach/couples/", f"{path}/trends", f"{path}/homework", path):
        db.session.remove()
        with many.counted() as first:  # on which it goes on record that the forms were read
            assert ines.get(page).status_code == 200
        with many.counted() as sent:
            assert ines.get(page).status_code == 200
        assert len(sent) <= tenants.with_the_practice_said(12, times=1), (page, len(sent))
        assert len(first) <= len(sent) + tenants.with_the_practice_said(3, times=1), (page, len(first))


def test_a_label_is_neutral_and_two_partners_are_listed_a_first(cast: Cast) -> None:
    shown = couples.couple(cast.ines, cast.couples["ana"])
    assert [(partner.label, partner.name) for partner in shown.partners] == [(Label.A, "Ana"), (Label.B, "Ben")]
    assert not any(partner.needs_vouching or partner.code for partner in shown.partners)


def test_a_closed_couple_opens_all_the_same(browser: Open, cast: Cast) -> None:
    closed = update(Couple).where(Couple.id == cast.couples["ana"]).values(state="closed", ended_at=clock.now())
    db.session.execute(closed)
    db.session.commit()
    assert browser("ines").get(f"/coach/couples/{cast.couples['ana']}").status_code == 200


@pytest.mark.parametrize("page", ["0", "00", "-3", "x", "99999999", "\u00b2"])
def test_a_page_that_is_none_is_the_first_one_for_an_assistant_too(browser: Open, page: str) -> None:
    for name in ("mira", "ines"):
        here = browser(name)
        replies = [here.get("/coach/couples/", query_string={"page": number}) for number in (page, "1")]
        assert still(replies[0]) == still(replies[1])
        assert replies[0].status_code == 200


def test_a_page_far_beyond_the_last_one_breaks_nothing(browser: Open) -> None:
    for name in ("mira", "ines"):
        assert browser(name).get("/coach/couples/?page=99999").status_code == 200


def test_the_newest_ten_of_the_homework_stand_open_and_what_was_before_them_in_a_fold(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    page = f"/coach/couples/{cast.couples['ana']}/homework"
    given_ids = []
    for number in range(12):
        due_on = wall.now.date() + timedelta(days=7 + number)
        given_ids.append(assign(cast, "my-listening-habits", due_on=due_on))
        wall.forward(minutes=1)
    read = browser("ines").get(page).text
    open_ones, _, folded = read.partition("<summary>2 before these</summary>")
    assert all(f"/coach/assignments/{one}" in open_ones for one in given_ids[2:])
    assert all(f"/coach/assignments/{one}" in folded and str(one) not in open_ones for one in given_ids[:2])
