"""The library's pages: building, editing and publishing by plain forms, whoever else is at it."""

import html
import re
from urllib.parse import urlsplit

import pytest

from portal.domain.items import ItemType
from portal.services import programme, publishing, questionnaire_drafts, questionnaires
from tests.conftest import Browser
from tests.drafts import HEADING, begun, entry_of, publish, published

NASTY = ["a\x00b", "\u202egnp\u202c", "9" * 5_000, "²", "<script>alert(1)</script>", "{{ 7*7 }}", "%s%n", "%(name)s",
         "x" * 30_000, "\r\n\r\nX: y", "💬" * 200, "done='x'y'", "done=(a, b)", "{coach}{", "\ufeff", " "]  # fmt: skip
LIST = "/coach/questionnaires/"
NEW = {
    "title": "A walk",
    "purpose": "To talk side by side.",
    "step": "gratitude",
    "audience": "alone",
    "minutes": "20",
    "frequency": "weekly",
    "instructions": "Go out.\nTurn back.",
}
SCALE = {"label": "How close?", "low": "far", "high": "near", "readers": "session"}


@pytest.fixture
def ines(browser):
    return browser("ines")


def anchors(page: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', page))


def address(draft_id: object, *more: str) -> str:
    return "/".join([f"/coach/questionnaires/drafts/{draft_id}", *more])


def version(page: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', page)[0]


def add(ines: Browser, draft: str, kind: str, data: dict[str, object]):
    path = f"{draft}/question?type={kind}"
    return ines.post(path, {**data, "version": version(ines.get(path).text)}, page=path)


def led_to(reply) -> str:
    assert reply.status_code == 303
    return urlsplit(reply.headers["Location"]).path


def test_an_exercise_is_built_and_published_by_plain_forms(ines, cast):
    draft = led_to(ines.post("/coach/questionnaires/new", NEW))
    add(ines, draft, "scale", SCALE)
    choice = {"label": "Which way?", "readers": "coach", "option": ["Left", "Right", ""], "value": ["", "", ""]}
    add(ines, draft, "choice", choice)
    page = ines.get(draft).text
    assert page.index("How close?") < page.index("Which way?")
    entry = led_to(ines.post(f"{draft}/publish", {"version": version(page)}, page=draft))
    shown = ines.get(entry).text
    assert "Version 1." in shown
    assert "Left · Right" in shown
    items = entry_of(cast.ines, "a-walk").document["items"]
    assert [item["label"] for item in items[4:-1]] == ["How close?", "Which way?"]


def test_what_is_missing_of_a_heading_is_told_all_at_once(ines):
    reply = ines.post("/coach/questionnaires/new", NEW | {"title": "", "purpose": "", "audience": ""})
    for said in (
        "Title: Write something here.",
        "What it is for: Write something here.",
        "Choose with whom it is done.",
    ):
        assert said in reply.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Write something here."),
        ({"minutes": "soon"}, "Give a whole number in digits."),
        ({"minutes": "0"}, "Give a number from 1 to 240."),
        ({"instructions": " "}, "Say in one line at least how it goes."),
        ({"audience": ""}, "Choose with whom it is done."),
        ({"step": "elsewhere"}, "Choose one of the steps."),
        ({"media_address": "http://films.example"}, "Say what it is called."),
        (
            {"media_title": "A talk", "media_address": "http://films.example"},
            "Give a web address that begins with https://",
        ),
    ],
)
def test_a_heading_that_is_refused_says_why_beside_its_field_and_keeps_what_was_typed(ines, changes, said):
    reply = ines.post("/coach/questionnaires/new", NEW | {"safety_note": "Not after dark."} | changes)
    assert reply.status_code == 422
    assert reply.text.count(said) == 2  # over the form, and beside the field
    assert "Not after dark." in reply.text
    assert changes.get("media_address", "To talk side by side.") in reply.text


@pytest.mark.parametrize(
    ("kind", "data", "said", "field"),
    [
        ("scale", SCALE | {"high": ""}, "Give the words at both ends", "low"),
        ("text", {"label": "", "readers": "coach"}, "Write the question.", "label"),
        ("choice", {"label": "Which?", "readers": "coach", "option": ["One"], "value": [""]}, "two answers", "options"),
        ("text", {"label": "What?", "readers": "shared", "asked_if": "done=partly"}, "Fewer people read", "asked_if"),
        ("number", {"label": "How many?", "readers": "coach", "minimum": "7", "maximum": "1"}, "above the", "maximum"),
        ("number", {"label": "How many?", "readers": "coach", "minimum": "a"}, "in digits", "minimum"),
        ("text", {"label": "What?", "readers": "everybody"}, "Choose one of the answers.", "readers"),
    ],
)
def test_a_question_that_is_refused_says_why_beside_its_field(ines, cast, kind, data, said, field):
    draft = address(begun(cast.ines))
    reply = add(ines, draft, kind, data)
    assert reply.status_code == 422
    assert said in reply.text
    assert f'href="#{field}"' in reply.text
    assert field in anchors(reply.text)
    assert str(data["label"]) in reply.text
    assert ines.get(draft).text.count('class="question"') == 2


@pytest.mark.parametrize("nasty", NASTY, ids=repr)
def test_whatever_is_typed_is_taken_or_refused_and_never_breaks_the_page(ines, cast, nasty):
    """On PostgreSQL too, which keeps less in a column than Python does in a text."""
    draft = address(begun(cast.ines))
    link = {"media_title": nasty, "media_address": "https://films.example/1", "media_minutes": ""}
    for name in (*NEW, "media_title", "media_address", "media_minutes", "safety_note", "version"):
        posted = {**NEW, **link, name: nasty} if name != "media_title" else {**NEW, **link}
        assert ines.post("/coach/questionnaires/new", posted).status_code in (303, 422)
    question = {"label": "Which?", "readers": "coach", "option": ["One", "Two"], "value": ["", ""]}
    for name in ("label", "hint", "readers", "asked_if", "minimum", "option", "value"):
        path = f"{draft}/question?type=choice"
        spoilt = [nasty, nasty] if isinstance(question.get(name), list) else nasty
        posted = {**question, name: spoilt, "version": version(ines.get(path).text)}
        assert ines.post(path, posted, page=path).status_code in (303, 422)
    assert ines.get(draft).status_code == 200
    assert ines.get(f"{draft}/preview/phone").status_code == 200


def test_up_and_down_keep_the_focus_on_what_was_moved(ines, cast):
    draft_id = begun(cast.ines)
    first, second = questionnaire_drafts.draft(cast.ines, draft_id).own_ids
    for way, item_id, where in (("up", second, f"down-{second}"), ("down", second, f"up-{second}")):
        page = ines.get(address(draft_id)).text
        reply = ines.post(address(draft_id, "order"), {way: item_id, "version": version(page)}, page=address(draft_id))
        assert urlsplit(reply.headers["Location"]).fragment == where
        assert where in anchors(ines.get(address(draft_id)).text)
    assert questionnaire_drafts.draft(cast.ines, draft_id).own_ids == (first, second)


def test_a_question_is_taken_away_unless_another_hangs_on_it(ines, cast):
    draft = address(begun(cast.ines))
    box = {"label": "Did we talk?", "readers": "shared"}
    anchor = urlsplit(add(ines, draft, "checkbox", box).headers["Location"]).fragment
    item_id = anchor.removeprefix("q-")
    add(ines, draft, "text", {"label": "Of what?", "readers": "shared", "asked_if": f"{item_id}=true"})
    assert "After “Did we talk?”: a tick" in ines.get(draft).text
    gone = {"question": item_id, "version": version(ines.get(draft).text)}
    ines.post(f"{draft}/remove", gone, page=draft)
    page = ines.get(draft).text
    assert "“Of what?” is asked only after an answer to the other." in page
    assert page.count('class="question"') == 4
    last = re.findall(r'id="q-(q[0-9a-f]+)"', page)[-1]
    ines.post(f"{draft}/remove", {"question": last, "version": version(page)}, page=draft)
    assert "Of what?" not in ines.get(draft).text


def test_of_two_pages_that_are_open_at_once_the_later_one_says_so_and_keeps_what_was_typed(ines, browser, cast):
    draft = address(begun(cast.ines))
    path, mine = f"{draft}/question?type=text", {"label": "Mine", "readers": "coach"}
    read = version(ines.get(path).text)
    assert add(browser("omar"), draft, "text", {"label": "Of a colleague", "readers": "coach"}).status_code == 303
    late = ines.post(path, {**mine, "version": read}, page=path)
    assert late.status_code == 422
    assert "Omar saved this draft on another page meanwhile" in late.text
    assert "Mine</textarea>" in late.text
    assert ines.post(path, {**mine, "version": version(late.text)}, page=path).status_code == 303
    page = ines.get(draft).text
    assert "Of a colleague" in page
    assert "Mine" in page


def test_what_another_page_changed_is_not_published_unseen(ines, cast):
    draft_id = begun(cast.ines)
    questionnaire_drafts.save_heading(cast.omar, draft_id, 3, HEADING)
    reply = ines.post(address(draft_id, "publish"), {"version": "3"}, page=address(draft_id))
    assert led_to(reply) == address(draft_id)
    assert "This draft was changed on another page meanwhile." in ines.get(address(draft_id)).text


def test_answers_to_choose_from_get_more_room_and_another_order_and_nothing_is_saved_by_that(ines, cast):
    draft = address(begun(cast.ines))
    path = f"{draft}/question?type=choice"
    typed = {"label": "Which?", "readers": "coach", "option": ["One", "Two", ""], "value": ["", "", ""], "version": "3"}
    more = ines.post(path, {**typed, "more": "1"}, page=path).text
    assert more.count('name="option"') == 5
    raised = ines.post(path, {**typed, "raise": "1"}, page=path).text
    assert raised.index('value="Two"') < raised.index('value="One"')
    assert ines.get(draft).text.count('class="question"') == 2


def test_the_preview_is_a_partners_form_in_a_frame_of_this_house(ines, cast):
    draft = address(begun(cast.ines))
    for path in (draft, f"{draft}/preview"):
        page = ines.get(path)
        assert f'src="{draft}/preview/phone"' in page.text
        assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Frame-Options"] == "DENY"
    phone = ines.get(f"{draft}/preview/phone")
    assert "frame-ancestors 'self'" in phone.headers["Content-Security-Policy"]
    assert phone.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Ines and the other: opened in the session" in phone.text
    assert "Only Ines reads this, always" in phone.text
    assert "csrf_token" not in phone.text
    assert "<button" not in phone.text


def test_the_check_in_asks_in_a_preview_what_it_asks_each_fourth_week(ines, cast):
    draft_id = questionnaire_drafts.begin_next(cast.ines, entry_of(cast.ines, "weekly-check-in").id)
    usual, full = (ines.get(address(draft_id, f"preview/phone{how}")).text for how in ("", "?full=1"))
    assert "I noticed my partner making an effort." not in usual
    assert "I noticed my partner making an effort." in full


def test_what_every_form_carries_can_be_reworded_on_its_page_and_nothing_more(ines, cast):
    draft_id = questionnaire_drafts.begin_next(cast.ines, entry_of(cast.ines, "weekly-check-in").id)
    path = address(draft_id, "question?question=s1")
    page = ines.get(path).text
    assert "readers" not in anchors(page)
    words = {"label": "I kept something back.", "low": "no", "high": "yes", "version": "1", "readers": "shared"}
    assert ines.post(path, words, page=path).status_code == 303
    before, after = (
        d.item("s1") for d in (checked_in(cast), questionnaire_drafts.draft(cast.ines, draft_id).definition)
    )
    assert (after.label, after.reverse, after.disclosure, after.when) == (
        "I kept something back.", before.reverse, before.disclosure, before.when,
    )  # fmt: skip
    assert 'Remove<span class="hidden"> I kept something back.' not in ines.get(address(draft_id)).text


def checked_in(cast):
    return questionnaires.definition(cast.ines, entry_of(cast.ines, "weekly-check-in").id, 1)


def test_a_link_stands_on_the_task_and_says_that_it_leads_away(ines, browser, cast):
    link = {"media_title": "A talk", "media_address": "https://www.films.example/talk?id=1", "media_minutes": "12"}
    draft = led_to(ines.post("/coach/questionnaires/new", NEW | link))
    ines.post(f"{draft}/publish", {"version": "1"}, page=draft)
    entry = entry_of(cast.ines, "a-walk")
    assign = f"/coach/couples/{cast.couples['ana']}/assign"
    given = {"exercise": entry.id, "given_to": "both", "due_on": "2026-11-30", "again": "once"}
    assert ines.post(assign, given).status_code == 303
    ana = browser("ana")
    task = re.findall(r'href="(/my/tasks/[^"/]+)"', ana.get("/my/").text)[0]
    page = ana.get(task).text
    assert (
        '<a href="https://www.films.example/talk?id=1" rel="noopener noreferrer external">A talk</a>, 12 minutes'
        in page
    )
    assert "on films.example, and leads away from here" in page


def test_what_is_adapted_for_a_couple_leads_to_where_it_is_given_and_is_theirs_alone(ines, browser, cast):
    entry, couple_id = entry_of(cast.ines, "ten-clear-minutes"), cast.couples["ana"]
    page = f"/coach/questionnaires/{entry.id}"
    draft = led_to(ines.post(f"{page}/adapt", {"couple": couple_id}, page=page))
    assert "A draft for Ana &amp; Ben alone." in ines.get(draft).text
    heading = ines.get(f"{draft}/heading").text
    words = NEW | {"title": "Ten minutes on the stairs", "audience": "together", "version": version(heading)}
    ines.post(f"{draft}/heading", words, page=f"{draft}/heading")
    reply = ines.post(f"{draft}/publish", {"version": "2"}, page=draft)
    assert led_to(reply) == f"/coach/couples/{couple_id}/assign"
    offered = ines.get(reply.headers["Location"]).text
    assert "as it was written for these two alone" in offered
    assert re.search(rf'value="{entry.id}"[^>]* checked[^>]*data-exercise-title="Ten minutes on the stairs"', offered)
    given = {"exercise": entry.id, "given_to": "joint", "due_on": "2026-11-30", "again": "once"}
    assert ines.post(reply.headers["Location"], given).status_code == 303
    assert "Ten minutes on the stairs" in browser("ana").get("/my/").text
    assert "Ten minutes on the stairs" not in ines.get(f"/coach/couples/{cast.couples['gil']}/assign").text
    assert "Ten minutes on the stairs" not in browser("omar").get(page).text


def test_a_version_of_another_couple_is_not_given_by_its_id(ines, cast):
    draft_id = questionnaire_drafts.begin_next(
        cast.ines, entry_of(cast.ines, "ten-clear-minutes").id, cast.couples["gil"]
    )
    questionnaire_drafts.save_heading(cast.ines, draft_id, 1, HEADING)
    theirs = publishing.publish(cast.ines, draft_id, 2)
    asked = f"exercise={theirs.questionnaire_id}&version={theirs.version_id}"
    assert HEADING.title in ines.get(f"/coach/couples/{cast.couples['gil']}/assign?{asked}").text
    assert HEADING.title not in ines.get(f"/coach/couples/{cast.couples['ana']}/assign?{asked}").text


def test_retired_and_brought_back_by_buttons(ines, cast):
    entry = entry_of(cast.ines, "one-holds-the-floor")
    page = f"/coach/questionnaires/{entry.id}"
    ines.post(f"{page}/retire", page=page)
    shown = ines.get(LIST).text
    assert shown.index('id="retired"') < shown.index("One holds the floor")
    assert "One holds the floor" not in ines.get("/coach/programme/").text
    ines.post(f"{page}/bring-back", page=page)
    assert 'id="retired"' not in ines.get(LIST).text


def test_a_copy_is_begun_under_a_name_that_says_so(ines, cast):
    page = f"/coach/questionnaires/{entry_of(cast.ines, 'one-holds-the-floor').id}"
    draft = led_to(ines.post(f"{page}/copy", page=page))
    assert "<h1>Copy of One holds the floor</h1>" in ines.get(draft).text


def test_exercises_are_put_in_order_by_two_buttons(ines, cast):
    first, second = [entry for entry in programme.library(cast.ines) if entry.step == "repair"][:2]
    reply = ines.post(f"/coach/questionnaires/{second.id}/order", {"up": "1"}, page=LIST)
    assert urlsplit(reply.headers["Location"]).fragment == f"up-{second.id}"
    shown = ines.get(LIST).text
    assert shown.index(f">{second.title}</a>") < shown.index(f">{first.title}</a>")


def test_an_earlier_version_is_read_as_it_was(ines, cast):
    done = published(cast.ines)
    draft_id = questionnaire_drafts.begin_next(cast.ines, done.questionnaire_id)
    questionnaire_drafts.save_heading(cast.ines, draft_id, 1, HEADING)
    item_id = questionnaire_drafts.draft(cast.ines, draft_id).own_ids[1]
    questionnaire_drafts.remove(cast.ines, draft_id, 2, item_id)
    publish(cast.ines, draft_id)
    page = f"/coach/questionnaires/{done.questionnaire_id}"
    assert "What did I see on the way?" not in ines.get(page).text
    assert "What did I see on the way?" in ines.get(f"{page}?version=1").text
    for unknown in ("3", "x", "-1"):
        assert ines.get(f"{page}?version={unknown}").status_code == 404


@pytest.mark.parametrize("query", ["", "?type=film", "?question=nothing"])
def test_a_question_that_is_none_is_not_found(ines, cast, query):
    assert ines.get(address(begun(cast.ines), f"question{query}")).status_code == 404


def test_every_type_of_question_has_its_page(ines, cast):
    draft = address(begun(cast.ines))
    for kind in ItemType:
        assert ines.get(f"{draft}/question?type={kind.value}").status_code == 200


def test_a_published_exercise_says_after_which_answer_a_question_is_asked(ines, cast):
    entry = entry_of(cast.ines, "one-holds-the-floor")
    conditional = [item for item in questionnaires.definition(cast.ines, entry.id, 1).items if item.show_if]
    page = html.unescape(ines.get(f"/coach/questionnaires/{entry.id}").text)
    assert conditional
    assert page.count("After “") == len(conditional)
