"""The trends page: each question by itself, as far back as one likes, what happened in each week, and files to keep."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.services import assignments
from tests import many, tenants, weeks
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.services.test_noticed import a_fourth_week
from tests.web.coach.test_couples import NEW

Open = Callable[[str | None], Browser]
ROW = re.compile(r'<tr><th scope="row">([^<]+)</th><td>([^<]*)</td><td>([^<]*)</td><td class="wide">([^<]*)</td></tr>')
TITLE = re.compile(r"<rect[^>]*><title>([^<]*)</title></rect>")


def lived(cast: Cast, wall: Wall, count: int = 12) -> str:
    """So many weeks of Ana and Ben, Ben's fifth missing; homework of two steps, three sessions. Gives the page."""
    start, couple_id = wall.now, cast.couples["ana"]
    for ago in range(count - 1, -1, -1):
        wall.to(start - timedelta(weeks=ago, hours=2))
        who = (cast.ana,) if ago == 5 else (cast.ana, cast.ben)
        weeks.check_in(cast.ines, couple_id, *who, s1=str(2 + ago % 7), b1=str(3 + ago % 5))
        if ago == 8:
            weeks.assign(cast.ines, couple_id)
        if ago == 3:
            weeks.assign(cast.ines, couple_id, "repair-log")
        if ago in (7, 2):
            weeks.meet(couple_id, wall.now)
        if ago == 4:
            weeks.meet(couple_id, wall.now, SessionKind.INDIVIDUAL_A)
            weeks.meet(couple_id, wall.now + timedelta(hours=1), state=SessionState.CANCELLED)
    wall.to(start)
    return f"/coach/couples/{couple_id}/trends"


def weeks_section(page: str) -> str:
    return page[page.index('aria-labelledby="trend"') : page.index("</section>", page.index('aria-labelledby="trend"'))]


def saved(browser: Browser, page: str, name: str, query: str = "") -> bytes:
    reply = browser.post(f"{page.removesuffix('trends')}{name}{query}", page=page)
    assert reply.status_code == 200
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    content: bytes = reply.data
    return content


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_each_question_of_the_check_in_can_be_looked_at_by_itself(browser: Open, cast: Cast, wall: Wall) -> None:
    path, ines = lived(cast, wall), browser("ines")
    page = ines.get(path).text
    offered = re.findall(r"/trends\?show=([a-z]\d)\"", page)
    assert offered == ["s1", "s2", "s3", "s4", "b1", "b2", "b3", "p1", "p2", "p3", "p4", "p5"]
    for item_id in offered:
        assert ines.get(f"{path}?show={item_id}").status_code == 200
    closeness = weeks_section(ines.get(f"{path}?show=b1").text)
    assert "Twelve weeks: Communication" in closeness
    assert "0 to 10, higher is easier." in closeness
    assert [row[1] for row in ROW.findall(closeness)] == [str(3 + ago % 5) for ago in range(11, -1, -1)]
    assert "Bars at the right" not in closeness, "the rule of the usual ups and downs is one for scores"


def test_a_sign_by_itself_is_turned_round_and_says_so(browser: Open, cast: Cast, wall: Wall) -> None:
    page = weeks_section(browser("ines").get(f"{lived(cast, wall)}?show=s1").text)
    assert [row[1] for row in ROW.findall(page)] == [str(8 - ago % 7) for ago in range(11, -1, -1)]
    assert "10 means nothing of it" in page


@pytest.mark.parametrize("shown", ["x1", "x4", "t1", "t2", "n1", "g1", "nothing", "score'"])
def test_private_questions_words_and_what_is_none_fall_back_to_the_score(
    browser: Open, cast: Cast, wall: Wall, shown: str
) -> None:
    a_fourth_week(cast, wall, "8", "3")
    page = browser("ines").get(f"/coach/couples/{cast.couples['ana']}/trends?show={shown}").text
    assert 'aria-current="true">Score' in page
    assert f"show={shown}" not in page


def test_a_week_without_an_answer_is_a_gap_in_chart_table_and_words(browser: Open, cast: Cast, wall: Wall) -> None:
    page = weeks_section(browser("ines").get(lived(cast, wall)).text)
    assert [row[2] for row in ROW.findall(page)].index("–") == 6
    assert "Ben: not answered." in TITLE.findall(page)[6]


def test_what_a_week_says_to_who_points_at_it_stands_in_its_row(browser: Open, cast: Cast, wall: Wall) -> None:
    page = weeks_section(browser("ines").get(lived(cast, wall)).text)
    rows, hints = ROW.findall(page), TITLE.findall(page)
    assert len(hints) == 2 * len(rows) == 24, "for the desk and for the phone"
    for (monday, a, b, besides), hint in zip(rows, hints[:12], strict=True):
        words = (a, b.replace("–", "not answered"), besides, monday.rsplit(" ", 1)[0])
        assert [word for word in words if word not in hint] == []


def test_sessions_of_both_and_the_beginning_of_each_step_stand_in_their_weeks(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    page = weeks_section(browser("ines").get(lived(cast, wall)).text)
    besides = [row[3] for row in ROW.findall(page)]
    assert besides[3] == "Step begins: Active listening. Homework begins: One holds the floor."
    assert besides[8] == "Step begins: Repair after conflict. Homework begins: Repair log."
    assert [n for n, words in enumerate(besides) if "Session" in words] == [4, 9]
    assert "Session 1." in besides[4]
    assert "1 Active listening, 5 Repair after conflict." in page
    assert re.findall(r'text-anchor="middle" font-weight="600"[^>]*>(\d)<', page) == ["1", "5"] * 2


def test_a_session_of_one_is_told_in_a_fold_of_its_own_and_in_no_chart_or_file(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    path, ines = lived(cast, wall), browser("ines")
    page = weeks_section(ines.get(path).text)
    fold = page[page.index("Sessions of one") :]
    assert re.search(r"<li>26 October 2026: Ana</li>", fold)
    assert not any("Ana alone" in words or "individual" in words.lower() for words in TITLE.findall(page))
    assert "2026-10-26" in saved(ines, path, "weeks.csv").decode()
    assert [row["In this week"] for row in table(saved(ines, path, "weeks.csv")) if row["Week of"] == "2026-10-26"] == [
        "",
        "",
    ]


def test_the_fold_is_there_for_every_couple(browser: Open, cast: Cast, wall: Wall) -> None:
    for name in ("ana", "gil"):
        page = weeks_section(browser("ines").get(f"/coach/couples/{cast.couples[name]}/trends").text)
        assert "None in these weeks." in page


def test_one_looks_back_twelve_weeks_half_a_year_or_to_the_first_check_in(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    path, ines = lived(cast, wall, 30), browser("ines")
    for query, count in (("", 12), ("?period=26", 26), ("?period=all", 30), ("?period=13", 12), ("?period=", 12)):
        page = weeks_section(ines.get(path + query).text)
        assert len(ROW.findall(page)) == count, query
    page = ines.get(f"{path}?show=b2&period=all").text
    assert "?show=b2&amp;period=26" in page
    assert "?show=signs&amp;period=all" in page
    assert f'{path.removesuffix("trends")}weeks.svg?show=b2&amp;period=all"' in page


def test_two_years_are_drawn_with_smaller_marks_and_dates_with_a_year(browser: Open, cast: Cast, wall: Wall) -> None:
    start, couple_id = wall.now, cast.couples["ana"]
    for ago in (103, 0):
        wall.to(start - timedelta(weeks=ago))
        weeks.check_in(cast.ines, couple_id, cast.ana, cast.ben)
    page = weeks_section(browser("ines").get(f"/coach/couples/{couple_id}/trends?period=all").text)
    assert "All weeks" in page
    assert len(ROW.findall(page)) == 104
    desk = page[page.index("<svg") : page.index("</svg>")]
    assert 5 <= len(re.findall(r">[A-Z][a-z]{2} 202\d<", desk)) <= 8
    assert len(set(re.findall(r"stroke-linecap=\"round\" stroke-width=\"([\d.]+)\"", desk))) == 2


def test_the_table_to_keep_has_a_row_a_week_and_partner_with_answers_as_they_were_given(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    path, ines = lived(cast, wall), browser("ines")
    rows = table(saved(ines, path, "weeks.csv"))
    assert len(rows) == 24
    assert [row["Partner"] for row in rows[:4]] == ["Ana", "Ben", "Ana", "Ben"]
    assert rows[0]["Week of"] == "2026-09-07"
    assert [row["Holding back, 0 to 10 as answered"] for row in rows[::2]] == [
        str(2 + n % 7) for n in range(11, -1, -1)
    ]
    ben = rows[13]
    assert ben["Partner"] == "Ben"
    assert {ben[column] for column in ben if "0 to" in column} == {""}, "not answered is empty"
    figures = [row[column] for row in rows for column in row if "0 to" in column]
    assert all(re.fullmatch(r"\d{0,3}", figure) for figure in figures)
    assert len(table(saved(ines, path, "weeks.csv", "?period=26"))) == 52


def test_a_name_or_title_in_the_table_is_no_formula(browser: Open, cast: Cast, wall: Wall) -> None:
    ines = browser("ines")
    reply = ines.post("/coach/couples/new", NEW | {"name_a": "=1+1", "name_b": "@Jo"})
    rows = table(saved(ines, f"{reply.location}/trends", "weeks.csv"))
    assert {row["Partner"] for row in rows} == {"'=1+1", "'@Jo"}


def test_the_drawing_to_keep_stands_by_itself_and_says_what_it_shows(browser: Open, cast: Cast, wall: Wall) -> None:
    content = saved(browser("ines"), lived(cast, wall), "weeks.svg", "?show=signs")
    found = ElementTree.fromstring(content)  # noqa: S314 - our own
    assert found.findtext("{*}title") == "Ana & Ben: Signs, 12 weeks"
    described = found.findtext("{*}desc") or ""
    assert re.fullmatch(r"Ana: \d+(, \d+){11}; Ben: [\d–]+(, [\d–]+){11}", described)
    said = " ".join(part.text or "" for part in found.iter() if part.tag.endswith("text"))
    for words in (
        "A filled circle is Ana, a hollow diamond Ben.",
        "a session of both",
        "1 Active listening; 5 Repair after conflict.",
    ):
        assert words in said
    assert not re.search(rb"href|url\(|<style|<script", content)


def test_saving_goes_on_record_and_so_does_each_form_that_is_in_it(browser: Open, cast: Cast, wall: Wall) -> None:
    path, ines = lived(cast, wall, 2), browser("ines")
    saved(ines, path, "weeks.csv")
    told = select(AuditEvent.event, AuditEvent.subject_id).where(AuditEvent.actor_id == cast.ines.person_id)
    events = [event for event, _ in db.session.execute(told)]
    assert events.count("response:read") == 4
    assert events.count("export:weeks") == 1
    saved(ines, path, "weeks.svg")
    events = [event for event, _ in db.session.execute(told)]
    assert events.count("response:read") == 4, "once a day"
    assert ("export:weeks", cast.couples["ana"]) in [tuple(row) for row in db.session.execute(told)]
    assert events.count("export:weeks") == 2


def test_who_only_reads_along_finds_no_file(browser: Open, cast: Cast, wall: Wall) -> None:
    path = lived(cast, wall, 2)
    assert "weeks.csv" in browser("ines").get(path).text
    for reader in ("omar", "ana", "ben", "sol"):
        for name in ("weeks.csv", "weeks.svg"):
            somebody = browser(reader)
            page = "/my/" if reader in ("ana", "ben") else "/coach/couples/"
            assert somebody.post(f"{path.removesuffix('trends')}{name}", page=page).status_code == 404


def test_homework_that_was_taken_back_begins_no_step(browser: Open, cast: Cast, wall: Wall) -> None:
    couple_id = cast.couples["ana"]
    weeks.check_in(cast.ines, couple_id, cast.ana)
    given = weeks.assign(cast.ines, couple_id)
    path, ines = f"/coach/couples/{couple_id}/trends", browser("ines")
    assert "Step begins: Active listening." in ines.get(path).text
    assignments.withdraw(cast.ines, given)
    assert "Step begins" not in ines.get(path).text


def test_any_view_of_the_page_costs_at_most_twelve_statements(browser: Open, cast: Cast, wall: Wall) -> None:
    path, ines = lived(cast, wall, 30), browser("ines")
    for query in ("", "?show=s1&period=all", "?show=steps&period=26"):
        ines.get(path + query)
        db.session.remove()
        with many.counted() as sent:
            assert ines.get(path + query).status_code == 200
        assert len(sent) <= tenants.with_the_practice_said(12, times=1), (query, len(sent))
