"""Saved views of the list: a coach's own, a few, by name; one may come first."""

import pytest

from portal.domain.caseload import MOST_VIEWS, ViewSettings
from portal.domain.errors import Invalid, NotFound
from portal.domain.people import Viewer
from portal.services import caseload_views
from portal.services.caseload_views import SavedView
from tests.cast import Cast

NEEDY = ViewSettings(needs="any", sort="waiting")


def names(viewer: Viewer) -> list[str]:
    return [view.name for view in caseload_views.of_coach(viewer)]


def test_a_view_is_kept_as_it_was_and_for_its_coach_alone(cast: Cast) -> None:
    view_id = caseload_views.save(cast.ines, "  Who needs me ", NEEDY)
    assert caseload_views.of_coach(cast.ines) == (SavedView(view_id, "Who needs me", NEEDY, False),)
    assert names(cast.omar) == names(cast.sol) == []


def test_a_name_is_written_over_whatever_its_case(cast: Cast) -> None:
    first = caseload_views.save(cast.ines, "Mondays", NEEDY)
    second = caseload_views.save(cast.ines, "mondays", ViewSettings(state="paused"))
    [view] = caseload_views.of_coach(cast.ines)
    assert (first, view.name, view.settings) == (second, "mondays", ViewSettings(state="paused"))


def test_one_view_at_most_comes_first(cast: Cast) -> None:
    one, two = (caseload_views.save(cast.ines, name, NEEDY, is_first=True) for name in ("One", "Two"))
    assert [view.is_first for view in caseload_views.of_coach(cast.ines)] == [False, True]
    caseload_views.put_first(cast.ines, one, is_first=True)
    assert {view.view_id: view.is_first for view in caseload_views.of_coach(cast.ines)} == {one: True, two: False}
    caseload_views.put_first(cast.ines, one, is_first=False)
    assert not any(view.is_first for view in caseload_views.of_coach(cast.ines))


def test_a_view_too_many_is_refused_and_one_of_these_may_go(cast: Cast) -> None:
    kept = [caseload_views.save(cast.ines, f"View {number}", NEEDY) for number in range(MOST_VIEWS)]
    with pytest.raises(Invalid, match="too_many_views"):
        caseload_views.save(cast.ines, "One more", NEEDY)
    caseload_views.save(cast.ines, "View 0", ViewSettings())
    caseload_views.remove(cast.ines, kept[0])
    caseload_views.save(cast.ines, "One more", NEEDY)
    assert names(cast.ines) == ["One more", "View 1", "View 2", "View 3", "View 4", "View 5"]


@pytest.mark.parametrize(
    "settings",
    [ViewSettings(state="elsewhere"), ViewSettings(needs="flag"), ViewSettings(sort="--next"), ViewSettings(step="x")],
)
def test_what_the_list_does_not_know_is_not_kept(cast: Cast, settings: ViewSettings) -> None:
    with pytest.raises(Invalid, match="view_unknown"):
        caseload_views.save(cast.ines, "Odd", settings)
    assert names(cast.ines) == []


def test_a_colleagues_view_is_not_there(cast: Cast) -> None:
    view_id = caseload_views.save(cast.omar, "Mine", NEEDY)
    for act in (caseload_views.remove, lambda *who: caseload_views.put_first(*who, is_first=True)):
        with pytest.raises(NotFound):
            act(cast.ines, view_id)
    assert names(cast.omar) == ["Mine"]


@pytest.mark.parametrize("name", ["mira", "noor", "ana"])
def test_nobody_but_coaches_keeps_a_view(cast: Cast, name: str) -> None:
    with pytest.raises(NotFound):
        caseload_views.save(cast.viewers[name], "Mine", NEEDY)
    assert names(cast.viewers[name]) == []
