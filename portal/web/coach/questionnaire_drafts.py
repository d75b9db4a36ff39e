"""The builder: a draft's page, its heading and its questions, how a partner would meet it, and publishing it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.items import Item, ItemType
from portal.domain.question_words import QuestionWords
from portal.domain.texts import TextKind
from portal.services import draft_previews, programme, publishing, questionnaire_drafts
from portal.services.drafts import Typed
from portal.services.publishing import Published
from portal.services.questionnaire_drafts import DraftShown
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms import questionnaires as forms
from portal.web.forms.questionnaires import DraftForm, HeadingForm, QuestionForm
from portal.web.forms.responses import groups
from portal.web.forms.words import words_for
from portal.web.headers import Frame, frame
from portal.web.texts import places_of, said

DRAFT = "/questionnaires/drafts/<uuid:draft_id>"
Page = Response | tuple[str, int] | str


@area.get("/questionnaires/new")
def drafts_new() -> str:
    form = HeadingForm(formdata=None).offer(programme.steps_of(guards.viewer()))
    form.step.data, form.frequency.data = request.args.get("step"), "once"
    return render_template("coach/questionnaires/heading.html", form=form, draft=None)


@area.post("/questionnaires/new")
def drafts_begin() -> Page:
    form = HeadingForm().offer(programme.steps_of(guards.viewer()))
    if form.validate():
        try:
            draft_id = questionnaire_drafts.begin_exercise(guards.viewer(), form.heading)
            return redirect(_here(draft_id), 303)
        except Invalid as refusal:
            form.refuse(refusal.params.get("field"), words_for(refusal))
    return render_template("coach/questionnaires/heading.html", form=form, draft=None), 422


@area.get(DRAFT)
def drafts_show(draft_id: UUID) -> str:
    draft = questionnaire_drafts.draft(guards.viewer(), draft_id)
    steps = {step.slug: step.title for step in programme.steps_of(guards.viewer())}
    frame(Frame.OUTSIDE)
    return render_template("coach/questionnaires/draft.html", draft=draft, steps=steps, kinds=list(ItemType))


@area.get(f"{DRAFT}/heading")
def drafts_heading(draft_id: UUID) -> str:
    draft = questionnaire_drafts.draft(guards.viewer(), draft_id)
    form = _heading_form(draft, HeadingForm(formdata=None)).start(draft.definition, draft.version)
    return render_template("coach/questionnaires/heading.html", form=form, draft=draft)


@area.post(f"{DRAFT}/heading")
def drafts_save_heading(draft_id: UUID) -> Page:
    draft = questionnaire_drafts.draft(guards.viewer(), draft_id)
    form = _heading_form(draft, HeadingForm())
    if form.validate():
        try:
            questionnaire_drafts.save_heading(guards.viewer(), draft_id, form.read, form.heading)
            return redirect(_here(draft_id), 303)
        except (Invalid, Conflict) as refusal:
            _refuse(form, refusal, draft)
    return render_template("coach/questionnaires/heading.html", form=form, draft=draft), 422


def _heading_form(draft: DraftShown, form: HeadingForm) -> HeadingForm:
    form.offer(programme.steps_of(guards.viewer()))
    return form.of_check_in() if draft.is_check_in else form


def _refuse(form: DraftForm, refusal: Invalid | Conflict, draft: DraftShown) -> None:
    """Say what is wrong; after a conflict, what was typed can be saved over what stands there now, once it was read."""
    if isinstance(refusal, Conflict):
        words = gettext(
            "%(name)s saved this draft on another page meanwhile. What you typed here stands below: look at the draft,"
            " and save once more if it still fits.",
            name=draft.saved_by,
        )
        form.refuse(None, words)
        form.version.data = str(draft.version)
    else:
        form.refuse(_FIELDS.get(str(refusal.params.get("field")), refusal.params.get("field")), words_for(refusal))


_FIELDS = {"ends": "low"}


@area.get(f"{DRAFT}/question")
def drafts_question(draft_id: UUID) -> str:
    draft = questionnaire_drafts.draft(guards.viewer(), draft_id)
    item, kind = _asked(draft)
    form = QuestionForm(formdata=None).of(kind, is_check_in=draft.is_check_in)
    return _question_page(draft, item, form.start(draft.definition, item, draft.version).with_room())


@area.post(f"{DRAFT}/question")
def drafts_save_question(draft_id: UUID) -> Page:
    draft = questionnaire_drafts.draft(guards.viewer(), draft_id)
    item, kind = _asked(draft)
    form = QuestionForm().of(kind, is_check_in=draft.is_check_in).take(request.form)
    if {"more", "raise"} & set(request.form):
        return _question_page(draft, item, form.with_room())
    if form.validate():
        try:
            saved = _save(draft_id, form, item, kind, form.words)
            return redirect(url_for("coach.drafts_show", draft_id=draft_id, _anchor=f"q-{saved}"), 303)
        except (Invalid, Conflict) as refusal:
            _refuse(form, refusal, draft)
    return _question_page(draft, item, form.with_room()), 422


def _save(draft_id: UUID, form: QuestionForm, item: Item | None, kind: ItemType, words: QuestionWords) -> str:
    item_id = item.id if item else None
    return questionnaire_drafts.save_question(guards.viewer(), draft_id, form.read, item_id, kind, words)


def _asked(draft: DraftShown) -> tuple[Item | None, ItemType]:
    """The question that is named, or the type of a new one; NotFound for what is neither."""
    known = {item.id: item for item in draft.definition.items}
    wanted, kind = request.values.get("question"), request.values.get("type", "")
    if wanted is None and kind in tuple(ItemType):
        return None, ItemType(kind)
    if wanted not in known:
        raise NotFound
    return known[wanted], known[wanted].type


def _question_page(draft: DraftShown, item: Item | None, form: QuestionForm) -> str:
    ticks = {"true": gettext("Ticked"), "false": gettext("Not ticked")}
    return render_template(
        "coach/questionnaires/question.html",
        draft=draft,
        item=item,
        form=form,
        is_own=item is None or item.id in draft.own_ids,
        earlier=forms.boxes(draft.earlier(item.id if item else None), ticks),
    )


@area.post(f"{DRAFT}/order")
def drafts_order(draft_id: UUID) -> Response:
    """Two buttons at each question, of which one was pressed; what was moved keeps the focus."""
    up = request.form.get("up", "")
    item_id = up or request.form.get("down", "")
    try:
        questionnaire_drafts.move(guards.viewer(), draft_id, DraftForm().read, item_id, up=bool(up))
    except (Invalid, Conflict) as refusal:
        flash(words_for(refusal), "look")
    anchor = _focus(questionnaire_drafts.draft(guards.viewer(), draft_id).own_ids, item_id, "up" if up else "down")
    return redirect(url_for("coach.drafts_show", draft_id=draft_id, _anchor=anchor), 303)


def _focus(own_ids: tuple[str, ...], item_id: str, pressed: str) -> str:
    """The button that was pressed, where it still stands at what was moved; at an end the other one."""
    ends = {"up": own_ids[:1], "down": own_ids[-1:]}
    ways = [way for way in (pressed, *ends) if item_id in own_ids and item_id not in ends[way]]
    return f"{ways[0] if ways else 'q'}-{item_id}"


@area.post(f"{DRAFT}/remove")
def drafts_remove(draft_id: UUID) -> Response:
    try:
        item_id = request.form.get("question", "")
        questionnaire_drafts.remove(guards.viewer(), draft_id, DraftForm().read, item_id)
    except (Invalid, Conflict) as refusal:
        flash(words_for(refusal), "look")
    return redirect(_here(draft_id, "questions"), 303)


@area.get(f"{DRAFT}/preview")
def drafts_preview(draft_id: UUID) -> str:
    draft = questionnaire_drafts.draft(guards.viewer(), draft_id)
    frame(Frame.OUTSIDE)
    return render_template("coach/questionnaires/preview.html", draft=draft, is_full="full" in request.args)


@area.get(f"{DRAFT}/preview/phone")
def drafts_phone(draft_id: UUID) -> str:
    """What stands in the frame: the form by the parts that a partner's own page is made of."""
    found = draft_previews.preview(guards.viewer(), draft_id, is_full="full" in request.args)
    standing = guards.standing()
    places = places_of(standing.name, standing.hours, standing.practice_name)
    frame(Frame.INSIDE)
    return render_template(
        "coach/questionnaires/phone.html",
        found=found,
        groups=groups(found, Typed()),
        private=said(standing.texts, TextKind.PRIVATE_QUESTIONS, places),
    )


@area.post(f"{DRAFT}/publish")
def drafts_publish(draft_id: UUID) -> Response:
    try:
        done = publishing.publish(guards.viewer(), draft_id, DraftForm().read)
    except Conflict as refusal:
        flash(words_for(refusal), "look")
        return redirect(_here(draft_id), 303)
    return redirect(_onward(done), 303)


def _onward(done: Published) -> str:
    """To the entry, or with what is one couple's to where it is given to them."""
    if done.couple_id is not None:
        flash(gettext("It is theirs alone, and your library is as it was. Give it to them now, or later."))
        where = {"couple_id": done.couple_id, "exercise": done.questionnaire_id}
        return url_for("coach.assignments_new", version=done.version_id, **where)  # type: ignore[arg-type]  # ids
    flash(gettext("Published as version %(number)s. What was given before stays as it was.", number=done.number))
    return url_for("coach.questionnaires_show", questionnaire_id=done.questionnaire_id)


@area.post(f"{DRAFT}/discard")
def drafts_discard(draft_id: UUID) -> Response:
    questionnaire_drafts.discard(guards.viewer(), draft_id)
    flash(gettext("The draft is gone. What was published stays."))
    return redirect(url_for("coach.questionnaires_index"), 303)


def _here(draft_id: UUID, anchor: str | None = None) -> str:
    return url_for("coach.drafts_show", draft_id=draft_id, _anchor=anchor)
