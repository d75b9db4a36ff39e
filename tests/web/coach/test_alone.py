"""The page for the coach alone: what it shows, to whom, and how a signal is closed there."""

import re
from collections.abc import Callable
from uuid import uuid4

from portal.domain.safe_ways import SafeWayOfReaching
from portal.domain.safety import SignalKind
from portal.services import outbox, safe_ways, safety
from tests import weeks
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import assign, task_of

Open = Callable[[str | None], Browser]


def test_everybody_on_the_staff_has_the_page_and_nobody_else_does(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    for name in ("omar", "sol"):
        page = browser(name).get("/coach/alone")
        assert page.status_code == 200
        assert "Nothing is open." in page.text
        assert "Ana" not in page.text
    for name in ("ana", "ben"):
        assert browser(name).get("/coach/alone").status_code == 404
    assert browser(None).get("/coach/alone").status_code == 303


def test_each_kind_has_a_queue_of_its_own_and_a_flag_is_named_alone(browser: Open, cast: Cast) -> None:
    weeks.check_in(
        cast.ines, cast.couples["ana"], cast.ana, x1="yes", x2="rather_not", x3="soon", x4="Text me before noon"
    )
    page = browser("ines").get("/coach/alone").text
    titles = re.findall(r'<h2 id="queue-\w+">(.*?)</h2>', page)
    assert titles == ["To be read, and looked after", "Would rather not say", "Asked for a word alone"]
    flags, words = page.split('id="queue-soft_flag"')[0], page.split('id="queue-asked_for_a_word"')[1]
    assert "Not opened yet." in flags
    assert "afraid" not in flags
    assert "As soon as possible" in words
    assert "Text me before noon" in words
    assert "What to do" not in page


def test_a_flag_is_opened_and_read_on_a_page_of_its_own(browser: Open, cast: Cast) -> None:
    flag, ines = flag_of(cast, x3="soon", x4="Text me before noon"), browser("ines")
    assert "Something is waiting" in ines.get("/coach/").text
    assert ines.post(flag).headers["Location"] == flag
    page = ines.get(flag).text
    assert "afraid of your partner" in page
    assert "Text me before noon" in page
    protocol = page[page.index('id="protocol"') :]
    assert protocol[: protocol.index("</ol>")].count("<li>") == 7
    assert "I have read it" not in page
    ines.post("/coach/alone")
    assert "Something is waiting" not in ines.get("/coach/").text


def test_a_form_that_is_sent_in_a_browser_writes_a_mail_that_leads_to_the_door(browser: Open, cast: Cast) -> None:
    ana = browser("ana")
    task = f"/my/tasks/{task_of(cast.ana, assign(cast, weeks.CHECK_IN))}"
    ana.post(task, {"version": "0", "private-shown": "1", "x1": "yes"})
    key = re.search(r'name="key" value="([^"]+)"', ana.get(f"{task}/review").text)
    assert key
    assert ana.post(f"{task}/review", {"version": "1", "key": key[1], "send": "1"}).status_code == 303
    (mail,) = (mail for mail in outbox.due() if mail.message == "waiting")
    assert (mail.address, mail.words) == ("ines@north.example", {"link": "http://127.0.0.1:8000/sign-in"})


def test_the_owner_reads_on_the_members_page_with_whom_something_waits(browser: Open, cast: Cast, wall: Wall) -> None:
    weeks.check_in(cast.omar, cast.couples["cleo"], cast.cleo, x1="yes")
    said = "Something has waited for Omar longer than your practice promises."
    assert said not in browser("ines").get("/coach/practice/members").text
    wall.forward(days=7)
    page = browser("ines").get("/coach/practice/members").text
    assert said in page
    assert "Cleo" not in page
    assert "Something is waiting" not in browser("ines").get("/coach/").text
    for name in ("omar", "mira", "noor", "sol"):
        assert said not in browser(name).get("/coach/practice/members").text


def test_who_asked_not_to_be_contacted_is_not(browser: Open, cast: Cast) -> None:
    page = browser("ines").get(flag_of(cast, x3="please_do_not")).text
    assert "Do not contact Ana." in page
    assert "Do not contact" not in browser("ines").get("/coach/alone").text.split("queue-asked_for_a_word")[1]


def test_how_somebody_can_be_reached_is_read_from_the_form_and_from_their_account(browser: Open, cast: Cast) -> None:
    flag, ines = flag_of(cast, x3="soon", x4="Text me before noon"), browser("ines")
    assert "Nothing was said there." in ines.get(flag).text
    way = SafeWayOfReaching(phone=True, number="0151 2300", times="Weekdays at noon", words="Never in the evening")
    safe_ways.say(cast.ana, PASSPHRASE, way)
    listed = ines.get("/coach/alone").text
    for page in (ines.get(flag).text, listed.split('id="queue-asked_for_a_word"')[1]):
        for said in (
            "Text me before noon",
            "0151 2300",
            "Weekdays at noon",
            "Never in the evening",
            "Please no message",
        ):
            assert said in page
        assert "Do not contact" not in page
    assert "0151 2300" not in listed.split('id="queue-asked_for_a_word"')[0]


def test_who_asked_in_their_account_for_no_contact_is_not_contacted_either(browser: Open, cast: Cast) -> None:
    flag, ines = flag_of(cast, x3="soon", x4="Text me before noon"), browser("ines")
    safe_ways.say(cast.ana, PASSPHRASE, SafeWayOfReaching(between_sessions=False))
    for address in (flag, "/coach/alone"):
        page = ines.get(address).text
        assert page.index("Do not contact Ana between sessions.") < page.index("<summary>All that they said about it")
        assert page.index("<summary>All that they said about it") < page.index("Text me before noon")


def test_steps_are_noted_with_a_line_or_without_and_none_is_taken_back(browser: Open, cast: Cast, wall: Wall) -> None:
    flag, ines = flag_of(cast), browser("ines")
    assert ines.post(f"{flag}/steps", {"step": "1", "line": ""}).status_code == 303
    assert ines.post(f"{flag}/steps", {"step": "2", "line": "Called at noon"}).status_code == 303
    wall.forward(minutes=5)
    assert ines.post(f"{flag}/steps", {"step": "2", "line": "Called once more"}).status_code == 303
    page = ines.get(flag).text
    assert page.index("Called at noon") < page.index("Called once more")
    assert page.count("Ines, ") == 3
    assert "nothing is noted of steps 3, 4, 5, 6, 7" in page
    for step, status in ((0, 404), (8, 404), (1, 422)):
        assert ines.post(f"{flag}/steps", {"step": str(step), "line": "z" * 1001}).status_code == status
    refused = ines.post(f"{flag}/steps", {"step": "3", "line": "z" * 1001}).text
    assert 'href="#line-3"' in refused
    assert "z" * 1001 in refused


def test_a_day_to_look_again_is_set_and_waits_for_the_coach(browser: Open, cast: Cast, wall: Wall) -> None:
    flag, ines = flag_of(cast), browser("ines")
    ines.post(flag)
    wrong = {"": "Choose the day.", "soon": "Give the day as a date", "2026-11-01": "This day is over"}
    for typed, words in wrong.items():
        refused = ines.post(f"{flag}/review", {"on": typed})
        assert refused.status_code == 422
        assert words in refused.text
    assert ines.post(f"{flag}/review", {"on": "2026-11-27"}).status_code == 303
    assert "To be looked at again on Friday 27 November" in ines.get("/coach/alone").text
    assert "Something is waiting" not in ines.get("/coach/").text
    wall.forward(days=4)
    ines = browser("ines")
    assert "Something is waiting" in ines.get("/coach/").text
    assert "You wanted to look at this again on Friday 27 November." in ines.get(flag).text


def test_closing_says_which_steps_were_not_noted_and_forbids_nothing(browser: Open, cast: Cast) -> None:
    flag, ines = flag_of(cast), browser("ines")
    for step in (1, 2, 3, 5, 6):
        ines.post(f"{flag}/steps", {"step": str(step), "line": ""})
    page = ines.post(f"{flag}/close", {"reason": "Spoke alone"}, follow_redirects=True).text
    assert "Steps of which nothing was noted: 4, 7." in page
    assert "Nothing was noted of steps 4, 7." in page
    closed = ines.get(flag).text
    assert "Spoke alone" in closed
    assert "<form" not in closed.split("<main")[1]
    assert ines.post(f"{flag}/steps", {"step": "4", "line": "Later"}).status_code == 409


def test_a_wish_for_a_word_is_settled_on_the_list_with_a_few_words(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x3="soon")
    (word,) = safety.signals(cast.ines)
    ines, address = browser("ines"), f"/coach/alone/{word.signal_id}/close"
    refused = ines.post(address, {"reason": ""})
    assert refused.status_code == 422
    assert "Say how it was settled." in refused.text
    page = ines.post(address, {"reason": "called on Tuesday"}, follow_redirects=True).text
    assert "called on Tuesday" in page
    assert "nothing was noted" not in page


def test_nobody_else_finds_the_page_of_a_flag(browser: Open, cast: Cast) -> None:
    flag = flag_of(cast)
    for name in ("omar", "noor", "mira", "sol", "ana", "ben"):
        assert browser(name).get(flag).status_code == 404
        for to, data in (
            ("", {}),
            ("/steps", {"step": "1", "line": "x"}),
            ("/review", {"on": "2026-12-01"}),
            ("/close", {}),
        ):
            assert browser(name).post(f"{flag}{to}", data).status_code == 404


def flag_of(cast: Cast, **raw: str) -> str:
    """The address of a flag that Ana raised."""
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes", **raw)
    flag = next(signal for signal in safety.signals(cast.ines) if signal.kind is SignalKind.FLAG)
    return f"/coach/alone/{flag.signal_id}"


def test_the_window_says_nothing_of_what_is_here(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    page = browser("ines").get("/coach/alone").text
    assert "<title>Portal: For you alone</title>" in page


def test_a_signal_is_closed_with_a_reason_and_stays_to_be_read(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    ines = browser("ines")
    (flag,) = safety.signals(cast.ines)
    reply = ines.post(f"/coach/alone/{flag.signal_id}/close", {"reason": "Spoke alone, referred"})
    assert reply.status_code == 303
    page = ines.get("/coach/alone").text
    assert "Nothing is open." in page
    assert "Spoke alone, referred" in page


def test_closing_without_a_reason_or_with_too_long_a_one_keeps_what_was_typed(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    ines = browser("ines")
    flag = safety.signals(cast.ines)[0]
    for typed, words in (("", "Say why it is closed."), ("y" * 1001, "Use 1000 characters at most.")):
        reply = ines.post(f"/coach/alone/{flag.signal_id}/close", {"reason": typed})
        assert reply.status_code == 422
        assert re.search(rf'id="reason-{flag.signal_id}-error">.*?{words}', reply.text, re.S)
        assert f'href="#reason-{flag.signal_id}"' in reply.text
        assert reply.text.count(f">\n{typed}</textarea>") == (1 if typed else 8)
    assert all(signal.closed_at is None for signal in safety.signals(cast.ines))


def test_nobody_else_closes_it_with_or_without_a_reason(browser: Open, cast: Cast) -> None:
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    (flag,) = safety.signals(cast.ines)
    for name in ("omar", "sol", "ana"):
        for reason in ("", "Mine"):
            assert browser(name).post(f"/coach/alone/{flag.signal_id}/close", {"reason": reason}).status_code == 404
    assert browser("ines").post(f"/coach/alone/{uuid4()}/close", {"reason": ""}).status_code == 404
