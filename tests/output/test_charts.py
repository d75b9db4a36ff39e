"""Charts from values: shapes that read in grey, names that cannot break out, gaps left as gaps, any data."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from portal.output import charts, plot
from portal.output.charts import Row, Series
from portal.output.marks import Words
from portal.output.trend_file import trend_file

WORDS = Words("t", "Ana <& Ben", "what stands in it")
values = st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=12)


def draw(a: list[float | None], b: list[float | None], **more: object) -> str:
    weeks = [f"{i} Nov" for i in range(len(a))]
    return charts.trend(WORDS, Series("Ana", a), Series("Ben", b), weeks, **more)  # type: ignore[arg-type]


@given(values, st.sampled_from([plot.DESK, plot.PAPER_TREND, plot.PHONE]))
def test_any_values_give_a_well_formed_drawing(a: list[float | None], size: plot.Size) -> None:
    drawing = ElementTree.fromstring(draw(a, list(reversed(a)), size=size, ticks=[(0, 1)]))  # noqa: S314 - our own
    assert drawing.find("{*}title") is not None
    assert drawing.find("{*}desc") is not None
    assert "nan" not in draw(a, a)


def test_nothing_one_point_and_equal_values_are_drawn() -> None:
    for a, b in (([None], [None]), ([50.0], [50.0]), ([50.0, 50.0], [50.0, 50.0]), ([0.0, 100.0], [None, None])):
        drawing = ElementTree.fromstring(draw(a, b))  # noqa: S314 - our own
        assert drawing.find("{*}title") is not None
        assert not {"nan", "None", "inf"} & set(
            re.findall(r"nan|None|inf", "".join(p.get("d", "") for p in drawing.iter()))
        )


def test_gaps_break_the_line() -> None:
    line = re.search(r'class="c-a-line"[^>]*d="([^"]*)"', draw([1, 2, None, 4, 5], [None] * 5))
    assert line is not None
    assert line.group(1).count("M") == 2


def test_a_and_b_differ_in_shape_and_word_when_the_colours_are_taken_away() -> None:
    drawing = draw([40, 50], [60, 70])
    assert 'stroke-linecap="round"' in drawing, "A: round points"
    assert re.search(r'class="c-b" fill="#ffffff"', drawing), "B: hollow diamonds"
    assert ">Ana<" in drawing
    assert ">Ben<" in drawing


def test_equal_values_show_both_marks_the_circle_inside_the_diamond() -> None:
    rows = [Row("Closeness", 6, 6)]
    drawing = charts.dumbbells(WORDS, rows, label_width=100)
    assert drawing.count('class="c-a"') == drawing.count('class="c-b"') == 2, "one in the head, one in the row"


def test_names_and_titles_are_escaped() -> None:
    name = "<b onload=x>&"
    drawing = charts.trend(WORDS, Series(name, [1]), Series("Ben", [2]), [name])
    assert "<b" not in drawing
    ElementTree.fromstring(drawing)  # noqa: S314 - our own


def test_what_was_not_answered_is_a_dash() -> None:
    drawing = charts.dumbbells(WORDS, [Row("Teamwork", None, 6)], label_width=100)
    assert ">–<" in drawing


def test_the_weeks_strip_shows_presence_alone() -> None:
    drawing = charts.weeks_strip(WORDS, [True, False, True], [False, False, True])
    assert len(re.findall(r"h\.01", drawing)) == 2
    ElementTree.fromstring(drawing)  # noqa: S314 - our own


def test_the_running_week_misses_nothing_yet() -> None:
    assert charts.weeks_strip(WORDS, [True, False], [False, False]).count("h6") == 1


def test_sessions_and_hints_are_drawn_over_their_weeks_and_nothing_of_them_without() -> None:
    plain = draw([40, None, 60], [50, 55, None])
    marked = draw([40, None, 60], [50, 55, None], sessions=[1], hints=["first", "second", "<third>"], most=10)
    assert "c-hints" not in plain
    assert plain.count("c-fill-axis") == 0
    found = ElementTree.fromstring(marked)  # noqa: S314 - our own
    (hints,) = [part for part in found.iter() if part.get("class") == "c-hints"]
    assert [field.findtext("{*}title") for field in hints] == ["first", "second", "<third>"]
    middles = [float(field.get("x", 0)) + float(field.get("width", 0)) / 2 for field in hints]
    (line,) = re.findall(r"M([0-9.]+) [0-9.]+V", marked)
    assert abs(float(line) - middles[1]) < 0.2
    assert ">10<" in marked
    assert ">100<" in plain


def test_what_begins_is_written_under_its_week_and_escaped() -> None:
    assert ">1+&lt;2&gt;</text>" in draw([1], [2], ticks=[(0, "1+<2>")])


def test_a_drawing_as_a_file_stands_by_itself() -> None:
    drawn = charts.trend(Words("in", "t", "d"), Series("Ana", [1, 2]), Series("Ben", [2, 1]), ["2 Nov", "9 Nov"])
    words = Words("weeks", "Ana & <Ben>", "Ana: 1, 2")
    content = trend_file(words, drawn, ["A note " * 40, "<b>"], plot.DESK)
    found = ElementTree.fromstring(content)  # noqa: S314 - our own
    assert (found.findtext("{*}title"), found.findtext("{*}desc")) == ("Ana & <Ben>", "Ana: 1, 2")
    assert not re.search(rb"href|url\(|<style|<script|@import|<image", content)
    ids = re.findall(rb' id="([^"]+)"', content)
    assert len(ids) == len(set(ids)) == 4
    (inner,) = [part for part in found.iter() if part.get("class") == "chart"]
    assert inner.get("overflow") == "visible", "letters of a wider font are not cut off"
    longest = max(len(part.text or "") for part in found.iter() if part.tag.endswith("text"))
    assert longest <= 96
