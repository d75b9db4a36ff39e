"""An exercise as a page of paper to be filled in by hand: blank, and with what is for both alone."""

from collections.abc import Iterable

from flask import current_app
from flask_babel import gettext, ngettext
from werkzeug import Response

from portal import clock
from portal.domain.disclosure import Disclosure
from portal.domain.errors import NotFound
from portal.domain.items import Item, ItemType
from portal.domain.programme import Kind
from portal.domain.questionnaires import Questionnaire
from portal.output.papers import Answered, BlankQuestion, WorksheetPaper, render_worksheet
from portal.output.render import render_pdf
from portal.web import guards
from portal.web.voice import voice

FILE_NAME = "worksheet.pdf"  # the same whatever it is about
BY_HAND = {ItemType.TEXT: Answered.WORDS, ItemType.CHOICE: Answered.CHOICES, ItemType.SCALE: Answered.SCALE}


def worksheet(questionnaire: Questionnaire, items: Iterable[Item]) -> Response:
    """The file for these questions of an exercise. Raises NotFound for a check-in: what it asks is for the coach."""
    if questionnaire.kind is Kind.CHECK_IN:
        raise NotFound
    paper = WorksheetPaper(
        clock.now(),
        questionnaire.title,
        questionnaire.purpose,
        ngettext("%(num)s minute", "%(num)s minutes", questionnaire.minutes),
        questionnaire.instructions,
        questionnaire.safety_note or "",
        tuple(_blank(item) for item in items if _may_lie_about(item)),
    )
    site_name = current_app.extensions["portal.settings"].site_name
    content = render_pdf(render_worksheet(paper, voice(), site_name=site_name)).content
    guards.check_again()  # a page takes its time
    headers = {"Content-Disposition": f'inline; filename="{FILE_NAME}"'}
    return Response(content, mimetype="application/pdf", headers=headers)


def _may_lie_about(item: Item) -> bool:
    """What was written for both: paper is read by whoever finds it, and what is for the coach alone is not on it."""
    return item.disclosure in (Disclosure.SHARED, Disclosure.SESSION)


def _blank(item: Item) -> BlankQuestion:
    how = BY_HAND.get(item.type, Answered.LINE)
    if how is Answered.SCALE:
        low, high = item.bounds
        return BlankQuestion(item.label, how, tuple(map(str, range(low, high + 1))), item.ends)
    if item.type is ItemType.CHECKBOX:
        return BlankQuestion(item.label, Answered.CHOICES, (gettext("Yes"),))
    return BlankQuestion(item.label, how, tuple(option.label for option in item.options))
