"""A page is compiled once a language: nobody gets another's words, and a sentence keeps its quotes and its markup."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask, g, render_template_string
from jinja2 import DictLoader
from markupsafe import Markup

from portal import HOUSE, create_app
from portal.web import pages, phrases
from tests.conftest import settings_for


@dataclass
class Catalogue:
    """A language that says everything in angles."""

    def ugettext(self, text: str) -> str:
        return f"«{text}»"


@pytest.fixture
def app(databases: Callable[[str], str], tmp_path: Path) -> Flask:
    """An app of one's own, for pages stay in it once they are compiled."""
    return create_app(settings_for(databases("languages"), tmp_path))


@pytest.fixture
def spoken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    page = (
        "{% set word = _('It\\'s & sent') %}{{ word }} {{ url_for('auth.sign_in') }} "
        "{{ _('Send') }} {% for to in [url_for('auth.help_now')] %}{{ to }}{% endfor %} "
        "{{ _('Don\\'t <b>wait</b>') }} {{ _('Hello, %(name)s.', name='<i>') }}"
    )
    monkeypatch.setattr(app, "jinja_loader", DictLoader({"page.html": page}))
    return app


def shown(app: Flask, language: phrases._Language | None = None) -> str:
    with app.test_request_context("/sign-in"):
        g.pop("language", None)  # the test's own context outlives a request's
        if language is not None:
            g.language = language
        return app.jinja_env.get_template("page.html").render()


def test_each_reader_gets_the_page_in_their_own_language(spoken: Flask) -> None:
    english, angled = shown(spoken), shown(spoken, phrases._Language("xx", Catalogue()))
    assert english == "It's & sent /sign-in Send /help-now Don't <b>wait</b> Hello, &lt;i&gt;."
    assert angled == "«It's & sent» /sign-in «Send» /help-now «Don't <b>wait</b>» «Hello, &lt;i&gt;.»"
    assert shown(spoken) == english


def test_a_page_below_another_address_gets_addresses_below_it(spoken: Flask) -> None:
    assert "/sign-in" in shown(spoken)
    with spoken.test_request_context("/sign-in", environ_overrides={"SCRIPT_NAME": "/below"}):
        g.pop("language", None)
        assert "/below/sign-in" in spoken.jinja_env.get_template("page.html").render()


def test_an_icon_is_drawn_when_the_page_is_compiled_and_is_the_one_its_macro_draws(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    icons = (HOUSE / "templates/components/icons.html").read_text()
    at_once, each_time = "{{ icon('go') }}{{ sill() }}", "{{ icon('go'|lower) }}{{ sill( ) }}"
    page = "{% from 'components/icons.html' import icon, sill %}" + at_once + "|" + each_time
    monkeypatch.setattr(app, "jinja_loader", DictLoader({"page.html": page, "components/icons.html": icons}))
    drawn, by_macro = shown(app).split("|")
    assert drawn == by_macro
    assert 'class="icon go"' in drawn


def test_what_a_translator_writes_is_never_read_as_jinja(spoken: Flask) -> None:
    sly = phrases._Language("yy", Catalogue(), {"Send": Markup("{{ config['SECRET_KEY'] }}")})
    assert "{{ config['SECRET_KEY'] }}" in shown(spoken, sly)


def test_a_page_has_no_globals_of_its_own_which_every_other_would_get(spoken: Flask) -> None:
    with spoken.test_request_context("/sign-in"), pytest.raises(TypeError):
        spoken.jinja_env.get_template("page.html", globals={"name": "Ana"})


def test_only_whole_sentences_without_places_are_set_in(app: Flask) -> None:
    with app.test_request_context("/sign-in"):
        assert render_template_string("{{ _('%(n)s left', n=n) }}{{ say }}", n=2, say="{{ _('Send') }}").startswith(
            "2 left{{ _("
        )
    assert pages.SENTENCE.findall("{{ _('One') }}{{ _('Two', n=1) }}{{ _(name) }}") == ["'One'"]
