"""One's own data as files: for another program, for a spreadsheet, and as values for a paper."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

from portal import clock
from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.items import Item, ItemType
from portal.output import fhir
from portal.output.papers import AnswersPaper, CopyPaper, PaperAnswer, PaperForm
from portal.output.sheet import sheet
from portal.services.exports import OwnChoice, OwnData, OwnForm, OwnRequest
from portal.services.own_copies import OwnCopy
from portal.services.own_lines import OwnNudge, OwnQuestion
from portal.services.own_measures import OwnScores
from portal.web import filters, guards
from portal.web.about_tasks import about_tasks
from portal.web.forms.answers import in_words
from portal.web.partner import facts


def as_json(data: OwnData) -> bytes:
    """Values as they are kept; instants in UTC."""
    account = {
        "name": data.name,
        "address": data.address,
        "user_name": data.user_name,
        "passkeys": list(data.passkeys),
        "zone": data.zone,
        "language": data.language,
        "agreed": [
            {
                "at": _instant(agreed.given_at),
                "text_version": agreed.text_version,
                "policy": agreed.policy.value,
                "policy_version": agreed.policy_version,
                "language": agreed.language,
                "signature": agreed.signature,
            }
            for agreed in data.agreed
        ],
    }
    forms, requests = [_form(form) for form in data.forms], [_request(one) for one in data.requests]
    questions = [_question(one) for one in data.questions]
    reminders = [_nudge(one) for one in data.nudges]
    scores = [{"of": one.name, "on": one.taken_on.isoformat(), "scores": dict(one.totals)} for one in data.scores]
    about = {"requests": requests, "questions": questions, "reminders": reminders, "scores_from_paper": scores}
    whole = {"note": note(), "account": account, "forms": forms, **about}
    whole["choices"] = [_choice(one) for one in data.choices]
    whole["asked_again_after_months"] = list(data.later.months) if data.later else []
    return json.dumps(whole, ensure_ascii=False, indent=2).encode()


def _form(form: OwnForm) -> dict[str, object]:
    answers = [
        {"question": item.label, "answer": answer.value, "in_words": in_words(item, answer), "for": answer.disclosure}
        for item, answer in form.answers
    ]
    return {
        "form": form.title,
        "sent_at": _instant(form.sent_at) if form.sent_at else None,
        "answers": answers,
        "line": form.line,
        **({"fhir": json.loads(as_response(form))} if form.measure else {}),
        "typed_in_from_paper_by": form.entered_by,
    }


def as_fhir(data: OwnData) -> bytes:
    """What one sent to measures, as other record systems read it; words of a measure where its licence lets them go."""
    told = [form.measure for form in data.forms if form.measure]
    words = dict.fromkeys(fhir.questionnaire(one.questionnaire) for one in told if one.with_words)
    return fhir.collection([*words, *(as_response(form) for form in data.forms if form.measure)])


def as_response(form: OwnForm) -> bytes:
    """One form of a measure as a FHIR QuestionnaireResponse."""
    if form.measure is None or form.sent_at is None:
        raise ValueError("no sent form of a measure")
    told = form.measure
    return fhir.response(told.questionnaire, told.answers, authored=form.sent_at, text=told.with_words)


def _request(one: OwnRequest) -> dict[str, object]:
    return {
        "form": one.title,
        "questions": list(one.questions),
        "why": one.why,
        "asked_at": _instant(one.asked_at),
        "answer": one.answer and one.answer.value,
        "answered_at": _instant(one.answered_at) if one.answered_at else None,
    }


def _choice(one: OwnChoice) -> dict[str, object]:
    return {
        "offered_at": _instant(one.offered_at),
        "why": one.why,
        "small_steps": list(one.titles),
        "taken": one.taken,
    }


def _nudge(one: OwnNudge) -> dict[str, object]:
    return {"about": one.title, "sent_at": _instant(one.sent_at), "sentence": one.text, "by": one.by}


def _question(one: OwnQuestion) -> dict[str, object]:
    return {
        "about": one.title,
        "asked_at": _instant(one.asked_at),
        "question": one.text,
        "answer": one.answer,
        "answered_at": _instant(one.answered_at) if one.answered_at else None,
    }


def as_table(data: OwnData) -> bytes:
    """A row for each answer, as a spreadsheet reads it; instants in UTC."""
    return sheet(_rows(data))


def _rows(data: OwnData) -> Iterator[tuple[str, str, str, str, str]]:
    yield gettext("Form"), gettext("Sent"), gettext("Question"), gettext("Answer"), gettext("Who reads it")
    for name, value in facts.facts(data):
        yield gettext("Your account"), "", name, value, ""
    for form in data.forms:
        sent = _instant(form.sent_at) if form.sent_at else gettext("not sent")
        if form.entered_by:
            yield form.title, sent, gettext("From paper, typed in by"), form.entered_by, ""
        for item, answer in form.answers:
            yield form.title, sent, item.label, _words(item, answer), _readers(answer.disclosure)
        if form.line:
            yield form.title, sent, _from_coach(), form.line, ""
    for name, value in facts.asked(data):
        yield gettext("Asked of you"), "", name, value, ""
    for what, value in facts.own_choices(data):
        yield gettext("Small steps"), "", what, value, ""
    for one in data.questions:
        yield one.title, _instant(one.asked_at), gettext("Your question"), one.text, _readers(Disclosure.COACH)
        if one.answer:
            yield one.title, "", _from_coach(), one.answer, ""
    yield from map(_reminder, data.nudges)
    yield from map(_score, data.scores)
    yield note(), "", "", "", ""


def _reminder(one: OwnNudge) -> tuple[str, str, str, str, str]:
    return one.title, _instant(one.sent_at), str(gettext("Reminded by %(who)s", who=one.by)), one.text, ""


def _score(one: OwnScores) -> tuple[str, str, str, str, str]:
    scored = str(gettext("Scores from paper"))
    return one.name, one.taken_on.isoformat(), scored, _in_a_line(one), _readers(Disclosure.COACH)


def _in_a_line(one: OwnScores) -> str:
    return ", ".join(f"{scale}: {total}" for scale, total in one.totals)


def as_paper(data: OwnData) -> AnswersPaper:
    """The same for a page of paper; times on the reader's own clock."""
    forms = tuple(
        PaperForm(
            form.title,
            form.sent_at and local(form.sent_at),
            tuple(PaperAnswer(i.label, _on_paper(i, a), _readers(a.disclosure)) for i, a in form.answers),
            form.line or "",
            form.entered_by or "",
        )
        for form in data.forms
    )
    lines = about_tasks(data.questions, data.nudges, _from_coach())
    scores = ((f"{one.name}, {filters.day_year(one.taken_on)}", _in_a_line(one)) for one in data.scores)
    told = (*facts.facts(data), *facts.asked(data), *lines, *facts.own_choices(data), *scores)
    return AnswersPaper(local(clock.now()), note(), told, forms, guards.standing().coach_name or "")


def as_copy(copy: OwnCopy) -> CopyPaper:
    """One form of one's own for a page of paper, with who reads each answer."""
    return CopyPaper(
        local(clock.now()),
        note(),
        copy.title,
        local(copy.sent_at),
        copy.corrected_at and local(copy.corrected_at),
        _sharing(copy),
        tuple(PaperAnswer(i.label, _on_paper(i, a), _readers_of(copy, a.disclosure)) for i, a in copy.answers),
        copy.entered_by or "",
    )


def _on_paper(item: Item, answer: Answer) -> str:
    """An answer in words, on a scale with how far the scale goes: a figure alone tells little a year later."""
    said = _words(item, answer)
    is_figure = item.type is ItemType.SCALE and isinstance(answer.value, int)
    return str(gettext("%(figure)s of %(most)s", figure=said, most=item.maximum)) if is_figure else said


def _readers_of(copy: OwnCopy, disclosure: Disclosure) -> str:
    return _readers(Disclosure.COACH if copy.is_for_coach_alone else disclosure)


def _sharing(copy: OwnCopy) -> str:
    """What became of what was shared, where its author let nothing more open."""
    other = guards.standing().beside
    if copy.sharing_ended_at is None or copy.is_for_coach_alone or other is None:
        return ""
    day = filters.day_year(copy.sharing_ended_at)
    if copy.is_hidden:
        return str(
            gettext("You took this away on %(day)s: %(partner)s does not find it any more.", day=day, partner=other)
        )
    sentence = gettext(
        "Since %(day)s nothing more of this opens. What %(partner)s could read by then stays open.",
        day=day,
        partner=other,
    )
    return str(sentence)


def note() -> str:
    """The one sentence that is the same for everybody, whatever they answered."""
    return str(
        gettext(
            "Answers to the private questions are not in this file; ask %(coach)s for them.",
            coach=guards.standing().coach_name,
        )
    )


def _words(item: Item, answer: Answer) -> str:
    return in_words(item, answer) or str(gettext("Skipped"))


def _readers(disclosure: Disclosure) -> str:
    standing = guards.standing()
    coach, other = standing.coach_name, standing.beside
    if other and disclosure in (Disclosure.SESSION, Disclosure.SHARED):
        return str(gettext("%(coach)s and %(partner)s", coach=coach, partner=other))
    return str(gettext("Only %(coach)s", coach=coach))


def _from_coach() -> str:
    return str(gettext("From %(coach)s", coach=guards.standing().coach_name))


def _instant(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def local(value: datetime) -> datetime:
    return value.astimezone(ZoneInfo(guards.zone()))
