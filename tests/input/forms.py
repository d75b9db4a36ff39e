"""Questionnaires of our own invention as FHIR files, for the tests of what comes in and what goes out."""

import json
from typing import Any

WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
OLDER = "http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
SYSTEM = "https://ana.example/tea"

Fields = dict[str, Any]


def weight(points: float, url: str = WEIGHT) -> Fields:
    return {"url": url, "valueDecimal": points}


def option(code: str, points: float | None = None, url: str = WEIGHT) -> Fields:
    coding = {"system": SYSTEM, "code": code, "display": f"Tea {code}"}
    return {"valueCoding": coding} | ({} if points is None else {"extension": [weight(points, url)]})


def choice(link_id: str, *options: Fields, **fields: Any) -> Fields:
    offered = list(options) or [option("none", 0), option("some", 1), option("much", 2)]
    return {"linkId": link_id, "type": "choice", "text": f"Tea, question {link_id}?", "answerOption": offered} | fields


def group(link_id: str, *items: Fields, **fields: Any) -> Fields:
    return {"linkId": link_id, "type": "group", "item": list(items)} | fields


def form(*items: Fields, **fields: Any) -> Fields:
    return {"resourceType": "Questionnaire", "status": "active", "item": list(items)} | fields


def when(question: str, code: str) -> Fields:
    return {"question": question, "operator": "=", "answerCoding": {"system": SYSTEM, "code": code}}


def file(fields: Fields) -> bytes:
    return json.dumps(fields).encode()


# everything that is supported, in one file
TEA = form(
    group(
        "1",
        choice("1.1", prefix="a)", required=True, code=[{"system": SYSTEM, "code": "morning", "display": "Morning"}]),
        choice("1.2", {"valueInteger": 0}, {"valueInteger": 1}, enableWhen=[when("1.1", "much")]),
        group(
            "1.3",
            {"linkId": "1.3.1", "type": "decimal", "text": "Cups?"},
            {"linkId": "1.3.2", "type": "date", "text": "Since when?"},
            enableWhen=[when("1.1", "some"), when("1.1", "much")],
            enableBehavior="any",
        ),
        text="Tea in the morning",
    ),
    {"linkId": "2", "type": "display", "text": "Now the evening."},
    {"linkId": "3", "type": "choice", "text": "And then?", "answerValueSet": "#evening"},
    {"linkId": "4", "type": "text", "text": "In your own words?",
     "enableWhen": [{"question": "3", "operator": "exists", "answerBoolean": True}]},
    {"linkId": "5", "type": "boolean", "text": "With Ben?"},
    {"linkId": "6", "type": "string", "text": "Which?",
     "answerOption": [{"valueString": "green"}, {"valueString": "red"}]},
    {"linkId": "7", "type": "integer", "text": "Sum",
     "extension": [{"url": f"{SDC}calculatedExpression",
                    "valueExpression": {"language": "text/fhirpath", "expression": "%resource.item.answer.sum()"}}]},
    url="https://ana.example/Questionnaire/tea",
    version="1.2",
    title="Tea through the day",
    copyright="Ines, all rights reserved",
    contained=[
        {"resourceType": "ValueSet", "id": "evening", "status": "active", "compose": {"include": [
            {"system": SYSTEM, "concept": [
                {"code": "early", "display": "Early", "extension": [weight(3, ORDINAL)]},
                {"code": "late", "display": "Late", "extension": [weight(1.5, OLDER)]},
            ]}]}},
    ],
)  # fmt: skip
