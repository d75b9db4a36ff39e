"""Measures as files: nothing that is supported is lost on the way, and words leave where the licence lets them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Response

from portal.domain.assignments import For
from portal.domain.imported import ImportedQuestionnaire
from portal.domain.people import Label
from portal.input import fhir as reading
from portal.output import fhir as writing
from portal.services import measure_scores, own_copies, practice_exports, sent_forms
from portal.services import measures as services
from portal.services.measure_scores import Entered
from tests import measures
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser
from tests.given import assign, send, task_of
from tests.input.forms import TEA, file
from tests.measures import LICENCE
from tests.web.coach.test_measures import NEW, PAGE, brought

Open = Callable[[str | None], Browser]
KEPT = replace(LICENCE, may_export=False)
SCORABLE = [name for name in measures.SHIPPED if name != "ors"]


def sent(cast: Cast, measure_id: UUID, raw: dict[str, str]) -> UUID:
    task_id = task_of(cast.ana, assign(cast, measures.slug_of(measure_id), given_to=For.A))
    send(cast.ana, task_id, raw, f"key {task_id}")
    return sent_forms.of_couple(cast.ines, cast.couples["ana"])[-1].response_id


def saved(browser: Browser, path: str, **form: str) -> Response:
    found: Response = browser.post(path, form, page="/my/export" if path.startswith("/my") else "/coach/")
    return found


@pytest.mark.parametrize("name", sorted(measures.SHIPPED))
def test_a_questionnaire_comes_out_as_it_came_in(browser: Open, cast: Cast, name: str) -> None:
    ines, form = browser("ines"), measures.wordless(name)
    here = brought(ines, form, name=name)
    measure_id = UUID(here.rsplit("/", 1)[1])
    measures.measure_import.choose_scoring(cast.ines, measure_id, measures.Scoring(name))
    measures.activated(cast.ines, measure_id, name)
    reply = saved(ines, f"{here}/questionnaire.json")
    assert reply.mimetype == "application/fhir+json"
    assert reading.questionnaire(reply.data) == form


def test_a_file_with_all_that_is_supported_loses_nothing_on_its_way_through_the_pages(
    browser: Open, cast: Cast
) -> None:
    ines, came_in = browser("ines"), reading.questionnaire(file(TEA))
    here = brought(ines, came_in)
    measures.measure_licences.attest(cast.ines, UUID(here.rsplit("/", 1)[1]), LICENCE)
    assert reading.questionnaire(saved(ines, f"{here}/questionnaire.json").data) == came_in


def test_words_whose_licence_keeps_them_here_leave_by_no_door(browser: Open, cast: Cast) -> None:
    ines, ana = browser("ines"), browser("ana")
    measure_id = measures.active(cast.ines, "rdas", licence=KEPT)
    response_id = sent(cast, measure_id, measures.raw("rdas", [3] * 14))
    assert saved(ines, f"{PAGE}{measure_id}/questionnaire.json").status_code == 404
    assert "Save it as a FHIR file" not in ines.get(f"{PAGE}{measure_id}").text
    task_id = sent_forms.of_couple(cast.ines, cast.couples["ana"])[0].task_id
    copy = own_copies.own_copy(cast.ana, task_id, PASSPHRASE)
    files = [saved(ines, f"/coach/responses/{response_id}/answers.json").data]
    files += [saved(ana, "/my/export", passphrase=PASSPHRASE, kind=kind).data for kind in ("json", "csv", "fhir")]
    files += [repr(practice_exports.practice_data(cast.ines, PASSPHRASE).library).encode(), repr(copy).encode()]
    for data in files:
        assert b"Item 3" not in data
        assert b"Answer 3" not in data
    assert b"/rdas/3" in files[0]
    assert b"/rdas/3" in files[1]
    assert len(copy.answers) == 14


def test_words_whose_licence_lets_them_go_are_in_the_practices_file(cast: Cast) -> None:
    measures.active(cast.ines, "rdas")
    assert "Item 3" in repr(practice_exports.practice_data(cast.ines, PASSPHRASE).library)


def test_answers_are_a_questionnaire_response_by_link_id_without_a_name(browser: Open, cast: Cast) -> None:
    response_id = sent(cast, measures.active(cast.ines, "rdas"), measures.raw("rdas", [3] * 13 + [None]))
    written = json.loads(saved(browser("ines"), f"/coach/responses/{response_id}/answers.json").data)
    assert (written["resourceType"], written["status"]) == ("QuestionnaireResponse", "completed")
    assert [item["linkId"] for item in written["item"]] == [f"/rdas/{n}" for n in range(1, 14)]
    assert written["item"][0]["answer"][0]["valueCoding"]["code"] == "c3"
    assert "Ana" not in json.dumps(written)


def test_a_form_that_is_no_measure_is_no_such_file(browser: Open, cast: Cast) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task_id, {"done": "done"})
    response_id = sent_forms.of_couple(cast.ines, cast.couples["ana"])[0].response_id
    assert saved(browser("ines"), f"/coach/responses/{response_id}/answers.json").status_code == 404


def test_her_own_answers_to_measures_are_a_bundle_and_an_empty_one_for_who_has_none(browser: Open, cast: Cast) -> None:
    sent(cast, measures.active(cast.ines, "rdas"), measures.raw("rdas", [3] * 14))
    bundles = [
        json.loads(saved(browser(name), "/my/export", passphrase=PASSPHRASE, kind="fhir").data)
        for name in ("ana", "ben")
    ]
    kinds = [[one["resource"]["resourceType"] for one in bundle.get("entry", [])] for bundle in bundles]
    assert kinds == [["Questionnaire", "QuestionnaireResponse"], []]
    own = json.loads(saved(browser("ana"), "/my/export", passphrase=PASSPHRASE, kind="json").data)
    assert own["forms"][0]["fhir"] == bundles[0]["entry"][1]["resource"]


def test_altered_words_leave_without_loinc(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    codes = [{"system": "http://loinc.org", "code": "44250-9"}]
    first, *others = json.loads(writing.questionnaire(measures.wordless("csi4")))["item"]
    form: ImportedQuestionnaire = reading.questionnaire(
        file({"resourceType": "Questionnaire", "status": "active", "item": [first | {"code": codes}, *others]})
    )
    here = brought(ines, form)
    measures.measure_licences.attest(cast.ines, UUID(here.rsplit("/", 1)[1]), replace(LICENCE, unaltered=False))
    assert b"loinc" not in saved(ines, f"{here}/questionnaire.json").data
    assert NEW.startswith(PAGE)
    assert services.lines(cast.ines)


def test_scores_from_paper_are_her_own_data_and_those_of_a_guarded_measure_are_not(browser: Open, cast: Cast) -> None:
    for name, total in (("rdas", 41), ("hits", 17)):
        typed = Entered(Label.A, measures.active(cast.ines, name), date(2026, 11, 20), {"total": Decimal(total)})
        measure_scores.enter(cast.ines, cast.couples["ana"], typed)
    own = json.loads(saved(browser("ana"), "/my/export", passphrase=PASSPHRASE, kind="json").data)
    assert own["scores_from_paper"] == [{"of": "RDAS", "on": "2026-11-20", "scores": {"total": "41"}}]
    table = saved(browser("ana"), "/my/export", passphrase=PASSPHRASE, kind="csv").text
    assert "RDAS" in table
    assert "HITS" not in table
    assert saved(browser("ana"), "/my/export", passphrase=PASSPHRASE, kind="pdf").status_code == 200
    others = json.loads(saved(browser("ben"), "/my/export", passphrase=PASSPHRASE, kind="json").data)
    assert others["scores_from_paper"] == []
