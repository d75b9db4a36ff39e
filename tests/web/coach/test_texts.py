"""The practice's texts and its rule on private answers: read by coaches, changed by the owner, shown to partners."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from portal.domain.consent import Policy
from portal.domain.texts import TextKind
from portal.extensions import begin_write, db
from portal.models.practices import Practice
from portal.services import consents, policies, texts
from tests.cast import Cast
from tests.conftest import Browser
from tests.given import assign, floor, send, task_of
from tests.pages import says

Open = Callable[[str | None], Browser]
TEXTS = "/coach/practice/texts"
POLICY = "/coach/practice/policy"
WARNING = "This is the text the portal came with. Have a specialist look at it before you rely on it."
OWN = "{coach} of {practice} opens the post {hours}."


def test_the_list_tells_versions_and_the_owner_is_told_what_came_with_the_portal(browser: Open) -> None:
    ines = browser("ines")
    assert TEXTS in ines.get("/coach/practice/").text
    assert says(ines.get(TEXTS), "What partners sign")
    for kind in ("consent", "leave", "help-now", "private-questions", "after-sending", "who-reads-when"):
        assert says(ines.get(f"{TEXTS}/{kind}"), WARNING), kind
    assert not says(ines.get(f"{TEXTS}/privacy"), WARNING)


def test_a_preview_publishes_nothing_and_then_it_stands_where_it_belongs(browser: Open, cast: Cast) -> None:
    ines, page = browser("ines"), f"{TEXTS}/who-reads-when"
    preview = ines.post(page, {"body": OWN, "version": "0", "preview": "1"}, page=page)
    assert preview.status_code == 200
    assert says(
        preview, "Ines of Practice North opens the post from Monday to Friday, 09:00 to 17:00, within 8 working hours."
    )
    assert "opens the post" not in browser("ana").get("/my/").text
    assert ines.post(page, {"body": OWN, "version": "0"}, page=page).location == page
    found = ines.get(page)
    assert says(found, "Published as version 1. It holds from now on.")
    assert not says(found, WARNING)
    assert says(
        browser("ana").get("/my/"),
        "Ines of Practice North opens the post from Monday to Friday, 09:00 to 17:00, within 8 working hours.",
    )
    assert "opens the post" not in browser("eva").get("/my/").text


@pytest.mark.parametrize(
    ("kind", "where"),
    [("help-now", "/help-now"), ("leave", "/my/"), ("private-questions", "form"), ("after-sending", "sent")],
)
def test_each_text_stands_on_its_page(browser: Open, cast: Cast, kind: str, where: str) -> None:
    task = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    texts.publish(cast.ines, TextKind(kind), "Our own words, {coach}.", 0)
    if where == "sent":
        send(cast.ana, task, floor())
    path = {"form": f"/my/tasks/{task}", "sent": f"/my/tasks/{task}/sent"}.get(where, where)
    assert says(browser("ana").get(path), "Our own words, Ines.")


def test_what_somebody_writes_is_never_markup(browser: Open, cast: Cast) -> None:
    texts.publish(cast.ines, TextKind.LEAVE, "# <script>x</script> {{ 7 * 7 }}", 0)
    page = browser("ana").get("/my/").text
    assert "<script>x" not in page
    assert "{{ 7 * 7 }}" in page


def test_an_earlier_version_can_be_read_and_one_that_never_was_is_not_found(browser: Open, cast: Cast) -> None:
    texts.publish(cast.ines, TextKind.LEAVE, "First", 0)
    texts.publish(cast.ines, TextKind.LEAVE, "Second", 1)
    omar = browser("omar")
    assert says(omar.get(f"{TEXTS}/leave?version=1"), "First")
    assert 'name="body"' not in omar.get(f"{TEXTS}/leave").text
    for number in ("3", "0", "-1", "x", "9" * 30):
        assert omar.get(f"{TEXTS}/leave?version={number}").status_code == 404


def test_who_was_late_reads_the_new_one_beside_their_own_and_may_publish_then(browser: Open, cast: Cast) -> None:
    ines, page = browser("ines"), f"{TEXTS}/leave"
    texts.publish(cast.ines, TextKind.LEAVE, "Hers", 0)
    late = ines.post(page, {"body": "Mine", "version": "0"}, page=page)
    assert says(late, "Hers")
    began_from = re.search(r'name="version"[^>]*value="(\d+)"', late.text)
    assert began_from
    assert ines.post(page, {"body": "Mine", "version": began_from[1]}, page=page).status_code == 303


def test_what_stands_in_braces_and_is_not_filled_in_is_named_before_partners_read_it(browser: Open, cast: Cast) -> None:
    ines, page = browser("ines"), f"{TEXTS}/leave"
    preview = ines.post(page, {"body": "{coach} and {caoch} and {hour}", "version": "0", "preview": "1"}, page=page)
    assert says(preview, "{caoch}, {hour}: this is not filled in, and stands there as it is.")
    assert not says(ines.get(page), "this is not filled in")


def test_a_refused_text_keeps_what_was_typed(browser: Open, cast: Cast) -> None:
    ines, page = browser("ines"), f"{TEXTS}/leave"
    reply = ines.post(page, {"body": "Far too long. " * 60, "version": "0"}, page=page)
    assert reply.status_code == 422
    assert says(reply, "This is longer than 600 characters.")
    assert "Far too long. Far too long." in reply.text
    texts.publish(cast.ines, TextKind.LEAVE, "Hers", 0)
    late = ines.post(page, {"body": "Mine", "version": "0"}, page=page)
    assert (late.status_code, says(late, "The text was changed meanwhile.")) == (422, True)
    assert "Mine" in late.text


def test_the_consent_text_is_published_with_role_and_duties(browser: Open, cast: Cast) -> None:
    ines, page = browser("ines"), f"{TEXTS}/consent"
    said = {"body": "# Ours\nWords", "version": "1", "practice_role": "licensed_clinician", "mandated_reporter": "y"}
    assert ines.post(page, said | {"local_rule_note": "As in Saxony."}, page=page).status_code == 303
    duties = texts.shown_to_staff(cast.ines)[TextKind.CONSENT].duties
    assert duties
    assert (duties.practice_role.value, duties.mandated_reporter, duties.duty_to_protect) == (
        "licensed_clinician",
        True,
        False,
    )
    found = ines.get(page)
    assert says(found, "works as a licensed clinician")
    assert says(found, "As in Saxony.")
    assert says(found, "Who has not signed what is in force")
    assert says(found, "Version 1 on 25 August 2026 holds")


def test_a_notice_is_linked_under_pages_only_while_it_is_written(browser: Open, cast: Cast) -> None:
    ana, address = browser("ana"), "/notice/privacy"
    assert (address in ana.get("/my/").text, ana.get(address).status_code) == (False, 404)
    texts.publish(cast.ines, TextKind.PRIVACY, "# What is kept\nYour {coach}", 0)
    assert address in ana.get("/my/").text
    assert says(ana.get(address), "Your {coach}")
    assert address in browser("ines").get("/coach/practice/").text
    assert browser("eva").get(address).status_code == 404
    texts.publish(cast.ines, TextKind.PRIVACY, "", 1)
    assert (address in ana.get("/my/").text, ana.get(address).status_code) == (False, 404)


def test_the_doors_of_the_only_practice_lead_to_its_notices(browser: Open, cast: Cast) -> None:
    texts.publish(cast.ines, TextKind.IMPRINT, "Practice North", 0)
    doors = ("/sign-in", "/reset", "/help-now")
    assert [path for path in doors if "/notice/" in browser(None).get(path).text] == []
    begin_write()
    moved = update(Practice).where(Practice.id == cast.sol.practice_id)
    db.session.execute(moved.values(moved_out_at=select(Practice.created_at).limit(1).scalar_subquery()))
    db.session.commit()
    for path in doors:
        assert 'href="/notice/imprint"' in browser(None).get(path).text, path
    assert says(browser(None).get("/notice/imprint"), "Practice North")
    assert browser(None).get("/notice/terms").status_code == 404


def test_the_rule_is_changed_behind_the_pass_phrase(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    page = ines.get(POLICY)
    assert says(page, "Answers that were given already keep the rule under which they were given, for good.")
    change: dict[str, object] = {"policy": "confidential", "version": "1"}
    assert "/account/step-up" in ines.post(POLICY, change, page=POLICY).location
    ines.step_up()
    assert ines.post(POLICY, change, page=POLICY).location == POLICY
    assert says(ines.get(POLICY), "“Confidential” is in force, version 2.")
    assert ines.post(POLICY, change, page=POLICY).status_code == 422
    assert ines.post(POLICY, {"policy": "secret", "version": "2"}, page=POLICY).status_code == 422
    assert says(ines.get("/coach/practice/audit"), "Ines set the rule on private answers to “confidential”")


def test_the_couples_page_tells_the_coach_who_signed_what(browser: Open, cast: Cast) -> None:
    policies.change(cast.ines, Policy.OPEN, 1)
    consents.sign(cast.ben, "Ben", consents.own(cast.ben).terms)
    page = browser("ines").get(f"/coach/couples/{cast.couples['ana']}")
    assert says(page, "Version 1, “Discretion”, on 25 August 2026")
    assert says(page, "Version 1, “Open”, on 23 November 2026")
    assert page.text.count("Has not signed what is in force now.") == 1
