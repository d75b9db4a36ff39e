"""A link of the shelf: what may stand before a partner, and which field is wrong otherwise."""

import pytest

from portal.domain.errors import Invalid
from portal.domain.resources import LONGEST_WHY, ResourceKind, checked

GOOD: dict[str, object] = {
    "step": "gratitude",
    "kind": "episode",
    "title": "Half an hour about thanks",
    "address": "https://radio.example/episodes/12",
    "minutes": 31,
    "why": "For the way home",
}


def link(**other: object):  # type: ignore[no-untyped-def]
    return checked(**(GOOD | other))  # type: ignore[arg-type]


def test_a_link_keeps_what_it_says_without_the_space_around_it() -> None:
    found = link(title="  Half an hour ", why=" For the way home ")
    assert (found.kind, found.media.title, found.why) == (ResourceKind.EPISODE, "Half an hour", "For the way home")
    assert (found.media.host, found.media.minutes) == ("radio.example", 31)


@pytest.mark.parametrize("kind", list(ResourceKind))
def test_how_long_it_takes_may_be_left_open_for_any_kind(kind: ResourceKind) -> None:
    assert link(kind=kind.value, minutes=None).media.minutes is None


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("kind", "song", "not_an_option"),
        ("title", " ", "media_title_missing"),
        ("title", "a" * 201, "too_long"),
        ("address", "http://radio.example/", "media_address"),
        ("address", "javascript:alert(1)", "media_address"),
        ("address", "https://radio.example@elsewhere.example/", "media_address"),
        ("address", "https://192.0.2.7/", "media_address"),
        ("address", "https://radio.example:8443/", "media_address"),
        ("address", "", "media_address"),
        ("minutes", 0, "out_of_range"),
        ("minutes", 601, "out_of_range"),
        ("why", "", "why_missing"),
        ("why", "a" * (LONGEST_WHY + 1), "too_long"),
    ],
)
def test_what_cannot_stand_there_names_its_field(field: str, value: object, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        link(**{field: value})
    assert (refused.value.code, refused.value.params["field"]) == (code, field)
