"""Bringing a measure in by the browser: a file that nothing is run of, what it still needs, and the owner's yes."""

import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Response

from portal.domain.imported import Expression, ImportedQuestionnaire
from portal.output import fhir
from portal.services import measure_licences, programme
from portal.services import measures as services
from portal.web.forms.scorings import told_scoring
from tests import measures
from tests.cast import Cast
from tests.conftest import Browser
from tests.input import forms as files

Open = Callable[[str | None], Browser]
PAGE = "/coach/questionnaires/measures/"
NEW = f"{PAGE}new"
NAMED = {"name": "Ours", "title": "How it goes", "minutes": "3"}


def bring(browser: Browser, data: bytes | None = None, kind: str = "fhir", **more: str) -> Response:
    file = {} if data is None else {"file": (io.BytesIO(data), "measure.json")}
    form: dict[str, Any] = {**NAMED, "kind": kind, **file, **more}
    found: Response = browser.post(NEW, form, page=NEW, content_type="multipart/form-data")
    return found


def brought(browser: Browser, form: ImportedQuestionnaire, **more: str) -> str:
    """The page of a measure that was brought in as a FHIR file."""
    reply = bring(browser, fhir.questionnaire(form), **more)
    assert reply.status_code == 303, errors(reply.text)
    return str(reply.headers["Location"])


def errors(page: str) -> str:
    found = re.search(r'<div class="errors".*?</ul>', page, re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def test_a_measure_is_brought_in_scored_licensed_and_used(browser: Open, cast: Cast) -> None:
    omar, ines = browser("omar"), browser("ines")
    here = brought(omar, measures.wordless("rdas"), name="RDAS")
    shown = omar.get(here).text
    assert "Choose how it is scored." in shown
    assert "Put your licence on record." in shown
    form = {"scoring": "rdas", "source": "Invented, page 1", "concern": "none", "better": "high", "method": "sum"}
    assert omar.post(f"{here}/scoring", form, page=here).status_code == 303
    licence = {"holder": "Ines", "reference": "L-1", "copyright_line": "© Ines", "electronic": "1", "unaltered": "1"}
    assert omar.post(f"{here}/licence", {**licence, "attested": "1"}, page=here).status_code == 303
    assert omar.post(f"{here}/activate", page=here).status_code == 404
    assert "Let it be used" not in omar.get(here).text
    assert ines.post(f"{here}/activate", page=here).status_code == 303
    assert "RDAS" in ines.get(PAGE).text
    assert "In use." in ines.get(here).text
    assert "How it goes" in [entry.title for entry in programme.library(cast.ines)]


def test_a_guarded_one_waits_for_training_a_protocol_and_a_reader(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    measure_id = measures.bring(cast.ines, "phq9", measures.wordless("phq9"))
    here = f"{PAGE}{measure_id}"
    measures.measure_licences.attest(cast.ines, measure_id, measures.LICENCE)
    ines.post(f"{here}/activate", page=here)
    assert "Being prepared." in ines.get(here).text
    texts = {"training": "Two days", "response": "The same day", "referral": "The clinic", "scope": "1"}
    refused = ines.post(f"{here}/protocol", texts, page=here)
    assert (refused.status_code, "Name somebody who reads it" in errors(refused.text)) == (422, True)
    unseen = ines.post(f"{here}/protocol", {**texts, "scope": ""}, page=here)
    assert (unseen.status_code, "Say that you know it." in errors(unseen.text)) == (422, True)
    assert "The clinic" in unseen.text
    reader = {"readers": str(cast.ines.person_id)}
    assert ines.post(f"{here}/protocol", {**texts, **reader}, page=here).status_code == 303
    ines.post(f"{here}/activate", page=here)
    assert "In use." in ines.get(here).text


def test_points_that_a_file_does_not_give_are_typed_once_for_questions_with_the_same_answers(
    browser: Open, cast: Cast
) -> None:
    ines = browser("ines")
    here = brought(ines, measures.wordless("csi4", is_weighted=False))
    page = ines.get(f"{here}/points").text
    assert page.count("<fieldset") == 2
    assert ines.get(f"{here}/points?each=1").text.count("<fieldset") == 4
    typed = {f"points-0-{n}": str(n) for n in range(7)} | {f"points-1-{n}": str(n) for n in range(6)}
    refused = ines.post(f"{here}/points", {**typed, "points-1-5": "many"}, page=here)
    assert (refused.status_code, "Give a number for each answer." in errors(refused.text)) == (422, True)
    assert 'value="many"' in refused.text
    assert ines.post(f"{here}/points", typed, page=here).status_code == 303
    form = {"scoring": "csi4", "concern": "none", "better": "high", "method": "sum"}
    assert ines.post(f"{here}/scoring", form, page=here).status_code == 303
    found = services.lines(cast.ines)[0]
    assert [lack.value for lack in found.lacks] == ["licence"]


OWN = {
    "scoring": "own", "concern": "none", "better": "low", "method": "sum", "scales": "total: 1-4\nfirst: 1, 2",
    "cut": ">= 5", "source": "Ours, 2026", "bands": "few: 0\nmany: 5", "rci": "2,5", "missing": "1", "critical": "",
}  # fmt: skip


def test_an_own_scoring_is_typed_line_by_line(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    here = brought(ines, measures.wordless("csi4"))
    assert ines.post(f"{here}/scoring", OWN, page=here).status_code == 303
    found = services.measure(cast.ines, services.lines(cast.ines)[0].questionnaire_id)
    assert found.scoring
    assert found.scoring["max_at"] == {"2": 5, "3": 5, "4": 5}
    assert (found.scoring["max"], found.scoring["cut"]) == (6, [">=", 5, "Ours, 2026"])
    assert (found.scoring["rci"], found.scoring["missing"]["max_missing"]) == (2.5, 1)


@pytest.mark.parametrize("more", [{}, {"critical": "2 >= 3", "missing": "", "rci": "", "bands": "", "cut": ""}])
def test_who_chooses_a_scoring_anew_begins_with_the_one_that_is_chosen(
    browser: Open, cast: Cast, more: dict[str, str]
) -> None:
    ines = browser("ines")
    here = brought(ines, measures.wordless("csi4"))
    ines.post(f"{here}/scoring", OWN | more, page=here)
    kept = services.measure(cast.ines, services.lines(cast.ines)[0].questionnaire_id)
    told = told_scoring(kept)
    page = html.unescape(ines.get(here).text)
    for field in ("scales", "cut", "critical", "bands"):
        assert told[field].replace("2.5", "2,5") == (OWN | more)[field]
        assert f'name="{field}"' in page
        assert told[field] in page
    assert ines.post(f"{here}/scoring", told, page=here).status_code == 303
    assert services.measure(cast.ines, kept.line.questionnaire_id).scoring == kept.scoring


def test_a_scoring_from_paper_is_told_with_its_items_and_their_range(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    here = bring(ines, None, "paper").headers["Location"]
    typed = OWN | {"items": "4", "low": "0", "high": "5"}
    assert ines.post(f"{here}/scoring", typed, page=here).status_code == 303
    told = told_scoring(services.measure(cast.ines, services.lines(cast.ines)[0].questionnaire_id))
    assert {name: told[name] for name in ("items", "low", "high")} == {"items": "4", "low": "0", "high": "5"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scales": "total"}, "This line cannot be read: “total”."),
        ({"scales": "total: 1-4\ntotal: 1-3"}, "This line cannot be read"),
        ({"scales": "total: 1-9"}, "This scoring is unclear: scales.total."),
        ({"scales": "total: 1-3"}, "This scoring is unclear: scales."),
        ({"scales": ""}, "Say which items make the total, such as “total: 1-8”."),
        ({"cut": "about 5"}, "This line cannot be read"),
        ({"cut": "< 5"}, "This scoring is unclear: its published range."),
        ({"bands": "few: 1"}, "This scoring is unclear: its bands."),
        ({"bands": "few: none"}, "Give a number, such as 5 or 13.5."),
        ({"rci": "-1"}, "This scoring is unclear: its reliable change."),
        ({"missing": "9"}, "This scoring is unclear: what may be missing."),
        ({"critical": "9 >= 1"}, "This scoring is unclear: its critical item."),
        ({"scoring": ""}, "Choose how it is scored."),
        ({"scoring": "gad7"}, "This scoring is for 7 items, and the form has 4"),
    ],
)
def test_a_scoring_that_is_unclear_is_refused_and_what_was_typed_stays(
    browser: Open, changes: dict[str, str], sentence: str
) -> None:
    ines = browser("ines")
    here = brought(ines, measures.wordless("csi4"))
    refused = ines.post(f"{here}/scoring", {**OWN, **changes}, page=here)
    assert refused.status_code == 422
    assert sentence in errors(refused.text)
    assert "Ours, 2026" in refused.text


def test_a_table_says_whether_its_numbers_are_points_or_positions(browser: Open) -> None:
    ines, data = browser("ines"), measures.positions("ras")
    unsaid = bring(ines, data, "table")
    assert (unsaid.status_code, "Say what the points in the table are." in errors(unsaid.text)) == (422, True)
    printed = bring(ines, data, "table", coding="points")
    assert (printed.status_code, "never turned round" in errors(printed.text)) == (422, True)
    here = bring(ines, data, "table", coding="raw").headers["Location"]
    form = {"scoring": "ras", "concern": "none", "better": "high", "method": "sum"}
    assert ines.post(f"{here}/scoring", form, page=here).status_code == 303


def test_what_a_file_would_compute_is_shown_as_text_and_nothing_of_it_is_run(browser: Open) -> None:
    ines = browser("ines")
    bomb = "<script>alert(1)</script> %resource.item.repeat(item).count()"
    form = replace(measures.wordless("csi4"), expressions=(Expression("https://x.example/calculatedExpression", bomb),))
    shown = ines.get(brought(ines, form)).text
    assert "None of it is ever run." in shown
    assert html.escape(bomb, quote=False).replace("&gt;", "&gt;") in shown.replace("&#34;", '"')
    assert "<script>alert(1)" not in shown


def test_what_could_not_be_kept_of_a_file_is_named(browser: Open) -> None:
    ines = browser("ines")
    reply = bring(ines, files.file(files.TEA | {"publisher": "Ines"}))
    shown = html.unescape(ines.get(reply.headers["Location"]).text)
    for words in ("Answered with decimals", "1.3.1", "publisher", "Worked out by the file"):
        assert words in shown


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is no JSON"),
        (b"\x00\xff", "This file is not in UTF-8."),
        (b"{", "This file is no JSON"),
        (b"[]", "This file cannot be taken"),
        (b'{"resourceType": "Patient"}', "This file holds no FHIR questionnaire."),
        (files.file(files.form(*[files.choice(str(n)) for n in range(301)])), "more than 300 items"),
        (files.file(files.form(files.choice("1"), files.choice("1"))), "The link id “1” stands there twice."),
        (files.file(files.form(files.choice("1", modifierExtension=[{"url": "u"}]))), "changes the meaning"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "nested too deeply"),
        (b" " * 1_000_001, "This file is larger than 1 MB."),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_words_and_the_form_stays(
    browser: Open, data: bytes, sentence: str
) -> None:
    refused = bring(browser("ines"), data)
    assert refused.status_code == 422
    assert sentence in errors(refused.text)
    assert 'value="How it goes"' in refused.text


def test_without_a_file_and_without_words_nothing_is_brought_in(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    assert "Choose a file first." in errors(bring(ines).text)
    both = errors(bring(ines, None, "paper", name="", title="").text)
    assert "Short name, for coaches: Something is missing here." in both
    assert "What stands over it on a partner’s page: Something is missing here." in both
    assert "Give a number from 1 to 120." in errors(bring(ines, None, "paper", minutes="900").text)
    assert "Give a whole number in digits." in errors(bring(ines, None, "paper", minutes="a few").text)
    assert services.lines(cast.ines) == ()


@pytest.mark.parametrize("nasty", ["a\x00b", "a\u202eb", "9" * 5_001, "\x00", " "], ids=repr)
def test_whatever_is_typed_about_it_is_taken_or_refused_and_never_breaks_the_page(
    browser: Open, cast: Cast, nasty: str
) -> None:
    """On PostgreSQL too, which keeps less in a column than Python does in a text."""
    ines = browser("ines")
    here = f"{PAGE}{measures.bring(cast.ines, 'phq9', measures.wordless('phq9'))}"
    [reader] = [str(person_id) for person_id, name in measure_licences.coaches(cast.ines) if name == "Ines"]
    about = {
        "licence": {"holder": "Ines", "reference": "L-1", "copyright_line": "Ours", "attested": "1"},
        "protocol": {"training": "Two", "response": "At once", "referral": "Here", "scope": "1", "readers": reader},
    }
    taken = "b" in nasty
    for name in ("name", "title"):
        reply = bring(ines, None, "paper", **{name: nasty})
        assert reply.status_code == (303 if taken else 422), name
        assert name != "name" or not taken or "<h1>ab</h1>" in ines.get(reply.headers["Location"]).text
    for path, form in about.items():
        for name in form.keys() - {"attested", "scope", "readers"}:
            reply = ines.post(f"{here}/{path}", {**form, name: nasty}, page=here)
            may_be_empty = name == "copyright_line" and len(nasty) < 200
            assert reply.status_code == (303 if taken or may_be_empty else 422), name


def test_a_body_beyond_the_limit_of_the_house_is_refused_before_it_is_read(browser: Open) -> None:
    assert bring(browser("ines"), b" " * 1_100_000).status_code == 413


def test_for_scores_from_paper_no_file_is_needed(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    here = bring(ines, None, "paper").headers["Location"]
    form = {"scoring": "ors", "concern": "none", "better": "high", "method": "sum"}
    assert ines.post(f"{here}/scoring", form, page=here).status_code == 303
    assert "No words: scores are typed in from paper." in ines.get(here).text
    assert ines.get(f"{here}/points").status_code == 404
    assert [line.asks for line in services.lines(cast.ines)] == [False]


def test_a_licence_asks_for_its_holder_and_an_attestation(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    here = f"{PAGE}{measures.bring(cast.ines, 'rdas', measures.wordless('rdas'))}"
    refused = ines.post(f"{here}/licence", {"reference": "kept as typed", "expires_on": "soon"}, page=here)
    assert refused.status_code == 422
    for words in ("Something is missing here.", "Say that you have it.", "Give the day as a date"):
        assert words in errors(refused.text)
    assert "kept as typed" in refused.text


def test_what_is_in_use_keeps_its_scoring_and_its_licence_is_the_owners(browser: Open, cast: Cast) -> None:
    omar = browser("omar")
    here = f"{PAGE}{measures.active(cast.ines, 'rdas')}"
    form = {"scoring": "rdas", "concern": "none", "better": "high", "method": "sum"}
    refused = omar.post(f"{here}/scoring", form, page=here)
    assert (refused.status_code, "Bring it in once more" in errors(refused.text)) == (422, True)
    licence = {"holder": "Omar", "reference": "L-2", "attested": "1"}
    refused = omar.post(f"{here}/licence", licence, page=here)
    assert (refused.status_code, "changed by the practice’s owner" in errors(refused.text)) == (422, True)
