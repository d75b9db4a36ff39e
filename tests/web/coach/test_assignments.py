"""Assigning in a browser: what is offered, what is kept when something is wrong, and who finds nothing here."""

import re
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select

from portal.domain.assignments import For
from portal.extensions import db
from portal.models.assignments import Assignment, Repetition, Task
from portal.services import assignments, programme, responses
from portal.services.assignments import NewAssignment
from portal.services.drafts import Typed
from tests.given import send, task_of
from tests.tenants import with_the_practice_said

DUE = date(2026, 11, 29)


def entry_of(viewer, slug):
    return next(entry for entry in programme.library(viewer) if entry.slug == slug)


def form_of(cast, slug="my-listening-habits", **changes):
    filled = {"exercise": str(entry_of(cast.ines, slug).id), "given_to": "both", "due_on": "2026-11-29"}
    return filled | changes


def page_of(cast, who="ana"):
    return f"/coach/couples/{cast.couples[who]}/assign"


def count_of(table):
    return db.session.scalar(select(func.count()).select_from(table))


@pytest.fixture
def given(cast):
    new = NewAssignment(entry_of(cast.ines, "my-listening-habits").id, For.BOTH, DUE, why="Because it helped.")
    return assignments.assign(cast.ines, cast.couples["ana"], new)


def test_the_page_offers_the_couples_step_and_a_last_day_and_chooses_no_exercise(browser, cast):
    page = browser("ines").get(page_of(cast)).text
    assert '<option value="active_listening" selected>' in page
    assert not re.search(r'name="exercise"[^>]* checked', page)
    assert "Nothing is chosen yet" in page
    assert 'value="2026-11-30"' in page
    assert page.count('name="exercise"') == 26
    assert "Ana" in page
    assert "Ben" in page
    assert "What is done together is for both, as a joint task" in page


def test_what_is_open_with_the_couple_is_said(browser, cast):
    first = entry_of(cast.ines, "one-holds-the-floor")
    assignments.assign(cast.ines, cast.couples["ana"], NewAssignment(first.id, For.JOINT, DUE))
    page = browser("ines").get(page_of(cast)).text
    assert "Still open with them: One holds the floor." in page


def test_another_step_or_exercise_can_be_asked_for_in_the_address(browser, cast):
    page = browser("ines").get(f"{page_of(cast)}?step=gratitude").text
    assert '<option value="gratitude" selected>' in page
    assert page.index(entry_of(cast.ines, "three-specifics").title) < page.index("One holds the floor")
    wanted = entry_of(cast.ines, "stress-from-outside").id
    page = browser("ines").get(f"{page_of(cast)}?exercise={wanted}&step=nonsense").text
    assert re.search(rf'value="{wanted}"[^>]* checked', page)


def test_the_preview_says_who_sees_which_answer_of_what_is_chosen(browser, cast):
    wanted = entry_of(cast.ines, "ten-clear-minutes").id
    page = browser("ines").get(f"{page_of(cast)}?exercise={wanted}").text
    aside = page[page.index("<aside") :]
    assert "Days we managed it" in aside
    assert "tell Ines in the private line" in aside
    assert "{coach}" not in page


def test_assigning_leads_back_to_the_couple_with_a_task_for_each(browser, cast):
    ines = browser("ines")
    reply = ines.post(page_of(cast), form_of(cast, why="You each felt heard."), page=page_of(cast))
    assert reply.status_code == 303
    assert reply.location == f"/coach/couples/{cast.couples['ana']}"
    assert count_of(Task) == 2
    line = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])[0]
    shown = ines.get(f"/coach/assignments/{line.assignment_id}").text
    assert "You each felt heard." in shown
    assert "Assigned." in shown


def test_the_mail_names_the_partners_own_page(browser, cast):
    browser("ines").post(page_of(cast), form_of(cast), page=page_of(cast))
    mails = [mail for mail in assignments.issuing.outbox.due() if mail.message == "task"]
    assert [mail.words["link"].rsplit("/", 2)[1:] for mail in mails] == [["my", ""]] * 2


def test_the_weekly_check_in_is_one_of_the_choices(browser, cast):
    filled = form_of(cast, programme.CHECK_IN_SLUG, again="again")
    ines = browser("ines")
    assert ines.post(page_of(cast), filled, page=page_of(cast)).status_code == 303
    assert count_of(Repetition) == 1
    line = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])[0]
    address = f"/coach/assignments/{line.assignment_id}"
    assert "It comes again: on Monday at 08:00." in ines.get(address).text
    assert ines.post(f"{address}/end-repetition", page=address).status_code == 303
    assert "It comes again" not in ines.get(address).text


def test_the_days_time_and_end_of_what_comes_again_are_kept_and_read_as_a_sentence(browser, cast):
    rule = {"weekdays": ["4", "1"], "at": "18:30", "every_weeks": "2", "until": "2026-12-24"}
    ines = browser("ines")
    assert ines.post(page_of(cast), form_of(cast, again="again", **rule), page=page_of(cast)).status_code == 303
    line = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])[0]
    page = ines.get(f"/coach/assignments/{line.assignment_id}").text
    assert "on Monday and Thursday at 18:30, every 2 weeks, up to 24 December 2026." in page


def test_so_many_times_in_all_are_said_as_they_were_typed(browser, cast):
    ines = browser("ines")
    rule = {"again": "again", "weekdays": ["2", "4"], "at": "18:30", "times": "4"}  # today is none of these days
    ines.post(page_of(cast), form_of(cast, **rule), page=page_of(cast))
    line = assignments.assignments_of_couple(cast.ines, cast.couples["ana"])[0]
    assert "at 18:30, 4 times since" in ines.get(f"/coach/assignments/{line.assignment_id}").text


def test_what_is_given_to_one_alone_is_confirmed_by_the_name_alone(browser, cast):
    ines = browser("ines")
    told = ines.get(ines.post(page_of(cast), form_of(cast, given_to="a"), page=page_of(cast)).location).text
    assert "Assigned. Ana finds it on their own page." in told
    assert "Each finds it" not in told


def test_once_is_once_whatever_else_was_typed(browser, cast):
    browser("ines").post(page_of(cast), form_of(cast, again="once", weekdays="1", times="5"), page=page_of(cast))
    assert (count_of(Assignment), count_of(Repetition)) == (1, 0)


def test_other_words_are_for_this_couple_alone(browser, cast):
    ines = browser("ines")
    words = {"title": "Ten quiet minutes", "instructions": "Sit down.\r\n\r\nListen."}
    ines.post(page_of(cast), form_of(cast, **words), page=page_of(cast))
    ines.post(page_of(cast, "gil"), form_of(cast), page=page_of(cast))
    own, others = (assignments.assignments_of_couple(cast.ines, cast.couples[who])[0] for who in ("ana", "gil"))
    assert "Listen." in ines.get(f"/coach/assignments/{own.assignment_id}").text
    assert (own.title, others.title) == ("Ten quiet minutes", "My listening habits")
    assert "Ten quiet minutes" not in ines.get("/coach/programme/").text


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"exercise": ""}, "exercise", "Choose an exercise, or the check-in."),
        ({"exercise": str(uuid4())}, "exercise", "Choose one of these."),
        ({"exercise": "nonsense"}, "exercise", "Choose one of these."),
        ({"given_to": "everybody"}, "given_to", "Choose one of these."),
        ({"given_to": "joint"}, "given_to", "This one is done alone."),
        ({"due_on": ""}, "due_on", "Choose the last day."),
        ({"due_on": "31.12.2026"}, "due_on", "Give the day as a date"),
        ({"due_on": "2026-11-22"}, "due_on", "This day is over."),
        ({"due_on": "9999-12-31"}, "due_on", "This is more than a year away."),
        ({"obstacle": "x" * 2_001}, "obstacle", "This is longer than 2000 characters."),
        ({"again": "always"}, "again", "Choose one of these."),
        ({"again": "again", "weekdays": "8"}, "weekdays", "Choose one of the days of a week."),
        ({"again": "again", "weekdays": "x"}, "weekdays", "Choose one of the days of a week."),
        ({"again": "again", "at": "late"}, "at", "Give the time as hours and minutes"),
        ({"again": "again", "every_weeks": "27"}, "every_weeks", "Give a number of weeks from 1 to 26."),
        ({"again": "again", "times": "1"}, "times", "Give a number of times from 2 to 366."),
        ({"again": "again", "times": "many"}, "times", "Give a whole number in digits."),
        ({"again": "again", "times": "3", "until": "2026-12-24"}, "until", "Choose one of the two."),
        ({"again": "again", "until": "2026-11-24"}, "until", "It would not come again by then."),
        ({"title": "x" * 201}, "title", "This is longer than 200 characters."),
        ({"instructions": "line\n" * 9}, "instructions", "Use 8 lines at most."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_everything_typed_is_kept(browser, cast, changes, field, sentence):
    typed = {"why": "Because <you> were heard.", "obstacle": "Late shifts.", "purpose": "For the two of you."}
    reply = browser("ines").post(page_of(cast), form_of(cast, **(typed | changes)), page=page_of(cast))
    assert reply.status_code == 422
    assert f'href="#{field}"' in reply.text
    assert f'id="{field}"' in reply.text
    assert reply.text.count(sentence) == 2
    for text in ("Because &lt;you&gt; were heard.", changes.get("obstacle", "Late shifts."), "For the two of you."):
        assert text in reply.text
    assert f'value="{changes.get("due_on", "2026-11-29")}"' in reply.text
    assert count_of(Assignment) == 0


def test_without_a_script_a_button_shows_what_is_chosen_and_assigns_nothing(browser, cast):
    wanted = str(entry_of(cast.ines, "stress-from-outside").id)
    filled = form_of(cast, exercise=wanted, step="gratitude", why="Because.", show="1")
    reply = browser("ines").post(page_of(cast), filled, page=page_of(cast))
    assert reply.status_code == 200
    assert '<option value="gratitude" selected>' in reply.text
    assert "Stress from outside" in reply.text[reply.text.index("<aside") :]
    assert "Because." in reply.text
    assert count_of(Assignment) == 0


def test_an_assignment_shows_both_partners_in_the_same_way(browser, cast, given):
    page = browser("ines").get(f"/coach/assignments/{given}").text
    assert page.count("<p>Not sent</p>") == 2
    assert page.count("Open until Sunday 29 November") == 2
    assert page.index("Ana</span>") < page.index("Ben</span>")
    assert "Because it helped." in page


def test_a_draft_is_its_authors_alone_and_what_takes_away_asks_before(browser, cast, given):
    task = responses.open_for(cast.ana, task_of(cast.ana, given))
    responses.save_draft(cast.ana, task.task_id, Typed({"done": "partly"}, {}), task.version)
    page = browser("ines").get(f"/coach/assignments/{given}").text
    assert page.count("<p>Not sent</p>") == 2
    assert re.search(r"<details[^>]*><summary>Withdraw what is not sent</summary>.*?<form", page, re.S)


def test_withdrawing_leads_back_and_offers_no_second_time(browser, cast, given):
    ines = browser("ines")
    reply = ines.post(f"/coach/assignments/{given}/withdraw", page=f"/coach/assignments/{given}")
    assert (reply.status_code, reply.location) == (303, f"/coach/assignments/{given}")
    page = ines.get(f"/coach/assignments/{given}").text
    assert page.count("<p>Withdrawn</p>") == 2
    assert "Withdraw what is not sent" not in page
    assert "What had been sent stays." not in page


def test_withdrawing_says_that_what_was_sent_stays_where_something_was(browser, cast, given):
    send(cast.ana, task_of(cast.ana, given), {"done": "not_this_time"})
    ines = browser("ines")
    page = ines.post(f"/coach/assignments/{given}/withdraw", page=f"/coach/assignments/{given}").location
    assert "Withdrawn. What had been sent stays." in ines.get(page).text


def test_what_does_not_repeat_has_no_repetition_to_end(browser, given):
    address = f"/coach/assignments/{given}"
    assert browser("ines").post(f"{address}/end-repetition", page=address).status_code == 404


@pytest.mark.parametrize("who", ["omar", "sol", "ana", "ben"])
def test_whoever_is_not_the_couples_coach_finds_nothing(browser, cast, given, who):
    stranger, home = browser(who), "/coach/programme/" if who in ("omar", "sol") else "/my/"
    for path in (page_of(cast), f"/coach/assignments/{given}"):
        assert stranger.get(path).status_code == 404
    for path in (page_of(cast), f"/coach/assignments/{given}/withdraw", f"/coach/assignments/{given}/end-repetition"):
        assert stranger.post(path, form_of(cast), page=home).status_code == 404
    assert count_of(Assignment) == 1


def test_nobody_is_led_to_the_sign_in_page(browser, cast, given):
    for path in (page_of(cast), f"/coach/assignments/{given}"):
        reply = browser().get(path)
        assert reply.status_code == 303
        assert reply.location.startswith("/sign-in")


def test_what_never_was_is_not_found(browser):
    ines = browser("ines")
    for path in (f"/coach/couples/{uuid4()}/assign", f"/coach/assignments/{uuid4()}", "/coach/assignments/1"):
        assert ines.get(path).status_code == 404


def test_the_page_costs_few_statements(browser, cast):
    ines = browser("ines")
    statements = []
    listen = (db.engine, "before_cursor_execute", lambda *what: statements.append(what[2]))
    event.listen(*listen)
    ines.get(page_of(cast))
    event.remove(*listen)
    asked = [statement for statement in statements if statement.startswith("SELECT")]
    assert len(asked) <= with_the_practice_said(12, times=1), asked
