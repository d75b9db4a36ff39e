"""An exercise as a page of paper to be filled in by hand: blank, and with what is for both alone."""

from collections.abc import Iterable

from flask import current_app
from flask_babel import gettext, ngettext
from werkzeug import Response

from portal import clock
from portal.domain.items import Item, ItemType
from portal.domain.media import Media
from portal.domain.paper import items_on_paper
from portal.domain.questionnaires import Questionnaire
from portal.output.papers import Answered, BlankQuestion, WorksheetPaper, render_worksheet
from portal.output.render import render_pdf
from portal.web import guards
from portal.web.voice import voice

FILE_NAME = "worksheet.pdf"  # the same whatever it is about
BY_HAND = {ItemType.TEXT: Answered.WORDS, ItemType.CHOICE: Answered.CHOICES, ItemType.SCALE: Answered.SCALE}


def worksheet(questionnaire: Questionnaire, items: Iterable[Item]) -> Response:
    """The file for those of these questions that may stand on paper; raises NotFound for a check-in."""
    questions = items_on_paper(questionnaire, items)
    paper = WorksheetPaper(
        clock.now(),
        questionnaire.title,
        questionnaire.purpose,
        ngettext("%(num)s minute", "%(num)s minutes", questionnaire.minutes),
        questionnaire.instructions,
        questionnaire.safety_note or "",
        tuple(map(_blank, questions)),
        _media(questionnaire.media),
    )
    site_name = current_app.extensions["portal.settings"].site_name
    content = render_pdf(render_worksheet(paper, voice(), site_name=site_name)).content
    guards.check_again()  # a page takes its time
    headers = {"Content-Disposition": f'inline; filename="{FILE_NAME}"'}
    return Response(content, mimetype="application/pdf", headers=headers)


def _media(link: Media | None) -> str:
    """A link as it can be copied from paper."""
    if link is None:
        return ""
    if link.minutes is None:
        return f"{link.title}, {link.address}"
    minutes = ngettext("%(num)s minute", "%(num)s minutes", link.minutes)
    return f"{link.title} ({minutes}), {link.address}"


def _blank(item: Item) -> BlankQuestion:
    how = BY_HAND.get(item.type, Answered.LINE)
    if how is Answered.SCALE:
        low, high = item.bounds
        return BlankQuestion(item.label, how, tuple(map(str, range(low, high + 1))), item.ends)
    if item.type is ItemType.CHECKBOX:
        return BlankQuestion(item.label, Answered.CHOICES, (gettext("Yes"),))
    return BlankQuestion(item.label, how, tuple(option.label for option in item.options))
