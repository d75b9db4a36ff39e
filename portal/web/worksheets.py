"""A form as a page of paper to be filled in by hand: blank, and without its private questions."""

from collections.abc import Iterable

from flask import current_app
from flask_babel import gettext, ngettext
from werkzeug import Response

from portal import clock
from portal.domain.disclosure import Disclosure
from portal.domain.items import Item, ItemType
from portal.domain.questionnaires import Questionnaire
from portal.output.papers import Answered, BlankQuestion, WorksheetPaper, render_worksheet
from portal.output.render import render_pdf
from portal.web.voice import voice

FILE_NAME = "worksheet.pdf"  # the same whatever it is about
BY_HAND = {ItemType.TEXT: Answered.WORDS, ItemType.CHOICE: Answered.CHOICES, ItemType.SCALE: Answered.SCALE}


def worksheet(questionnaire: Questionnaire, items: Iterable[Item]) -> Response:
    """The file for these questions of a form."""
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
    headers = {"Content-Disposition": f'inline; filename="{FILE_NAME}"'}
    return Response(content, mimetype="application/pdf", headers=headers)


def _may_lie_about(item: Item) -> bool:
    """No private question, and no words that are for the coach alone: paper is read by whoever finds it."""
    is_private_line = item.disclosure is Disclosure.COACH and item.type is ItemType.TEXT
    return item.disclosure is not Disclosure.LOCKED and not is_private_line


def _blank(item: Item) -> BlankQuestion:
    how = BY_HAND.get(item.type, Answered.LINE)
    if how is Answered.SCALE:
        low, high = item.bounds
        return BlankQuestion(item.label, how, tuple(map(str, range(low, high + 1))), item.ends)
    if item.type is ItemType.CHECKBOX:
        return BlankQuestion(item.label, Answered.CHOICES, (gettext("Yes"),))
    return BlankQuestion(item.label, how, tuple(option.label for option in item.options))
