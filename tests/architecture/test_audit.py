"""Every event that is recorded has its words in the table of `domain/audit.py`, and every word there its event."""

import ast
import re
from collections.abc import Iterator

import pytest

from portal.domain.audit import EVENTS, READINGS_OF_FORM
from portal.domain.consent import Policy
from portal.domain.disclosure import Disclosure
from portal.domain.roles import STAFF
from portal.domain.sessions import NoteKind
from portal.services import couple_states
from tests.architecture.house import Module, calls, module_of, modules

# where in the arguments of each the event stands
RECORDERS = {
    "audit.record": 1,
    "audit.record_each": 1,
    "audit.record_before_sign_in": 2,
    "operations.record": 0,
    "operations.record_for": 1,
    "_on_record": 0,
    "second_factors.after_change": 2,
    "after_change": 2,
}
ENDINGS = {
    "kind": [kind.value for kind in NoteKind],
    "wanted": [word.value for word in Disclosure],
    "done": list(couple_states.DONE.values()),
    "policy": [policy.value for policy in Policy],
    "role": [role.value for role in STAFF],
}


def recorded(module: Module) -> Iterator[str]:
    """The names of the events that a module records; one with a place in it once for each word that may stand there."""
    for name, place in RECORDERS.items():
        for call in calls(module.tree, name.rsplit(".", 1)[-1]):
            if ast.unparse(call.func) == name:
                yield from _names(call.args[place])


def _names(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _names(node.body)
        yield from _names(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        start, end = node.values
        assert isinstance(start, ast.Constant)
        assert isinstance(end, ast.FormattedValue)
        yield from (f"{start.value}{word}" for word in ENDINGS[ast.unparse(end.value)])
    elif not isinstance(node, ast.Name):  # an event that came in as an argument is named by who gives it
        yield ast.literal_eval(node)


def test_every_event_that_is_recorded_has_words_and_no_word_is_left_over() -> None:
    assert {name for module in modules() for name in recorded(module)} == set(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_named_and_told_as_the_others_are(name: str) -> None:
    assert re.fullmatch(r"[a-z_]+:[a-z_]+", name)
    words = EVENTS[name].words % {"who": "Ines", "whom": "Ana", "third": "Omar"}
    assert words[0].isupper()
    assert not words.endswith(".")


def test_the_readings_of_a_form_are_events() -> None:
    assert set(READINGS_OF_FORM) <= set(EVENTS)


def test_an_event_without_words_is_found() -> None:
    source = (
        "def f(viewer):\n    audit.record(viewer, 'moon:landed_on')\n    audit.record(viewer, f'note:written_{kind}')"
    )
    found = set(recorded(module_of(source, "services/x.py")))
    written = {f"note:written_{kind}" for kind in ("agreed", "agenda", "thread", "reminder")}
    assert found == {"moon:landed_on", *written}
