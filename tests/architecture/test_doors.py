"""The three doors: every address is guarded, every row is reached through scope, every command commits once, last."""

import ast
import inspect
import re

import pytest
from flask import Flask

from portal.extensions import Base
from portal.web import coach, guards, own, partner
from tests.architecture.house import Function, Module, calls, module_of, modules

GUARDED = {
    coach.area.name: guards.staff_only,
    partner.area.name: guards.partners_only,
    own.area.name: guards.anybody_signed_in,
}
PUBLIC_FILES = {"static", "fonts"}  # files that are the same for everybody
LOOK_UPS = ("get", "get_one", "get_or_404", "one_or_404", "first_or_404")
SESSIONS = ("db.session", "session")
MODELS = {mapper.class_.__name__ for mapper in Base.registry.mappers}
SERVICES = [module for module in modules() if module.layer == "services"]
# services that give rows, all to other services inside one transaction; nothing of them reaches a page
GIVE_ROWS = {
    "scope": "the second door itself",
    "scope_of_colleagues": "the second door, where colleagues arrange something among each other",
    "scope_of_pathways": "the second door, where it leads to pathways and their steps",
    "scope_of_choices": "the second door, where it leads to choices of small steps",
    "scope_of_notes": "the second door, where it leads to notes of sessions",
    "scope_of_measures": "the second door, where it leads to measures and to scores from paper",
    "scope_of_drafts": "the second door, where it leads to drafts of questionnaires",
    "scope_of_resources": "the second door, where it leads to the shelf of a practice",
    "scope_of_lists": "the second door, where many couples are listed",
    "pathways": "held: the row that changing a step goes on with",
    "practices": "new_person: a row that its caller goes on with",
    "accounts": "usable_token: the row behind a link",
    "issuing": "issue, open_assignment: the row that the audit names, and that copies are issued of",
    "programme": "versions that an assignment points to",
    "repeating": "the repetition that a first form hangs on",
    "notes": "add: a note written along with the closing of a session",
    "erasures": "hold_person, standing_of: rows that approving and holding go on with",
    "sessions": "add: a session that is planned along with a couple or a closing",
}
NEVER_GIVEN = {"Response", "Draft", "Signal", "Feedback"}
# a wrong code is counted and then refused: rolled back with the refusal, it would never be counted
COUNTED_THOUGH_REFUSED = {"portal/services/invitations.py": "check_code"}


def test_every_address_is_in_a_guarded_area_or_says_that_it_is_open(app: Flask) -> None:
    unguarded = []
    for rule in app.url_map.iter_rules():
        area = rule.endpoint.rpartition(".")[0]
        guard = GUARDED.get(area)
        is_guarded = guard is not None and guard in app.before_request_funcs.get(area, [])
        says_so = getattr(app.view_functions[rule.endpoint], "open_to_all", False)
        if not is_guarded and not says_so and rule.endpoint not in PUBLIC_FILES:
            unguarded.append(rule.endpoint)
    assert unguarded == []


def test_nothing_in_a_guarded_area_says_that_it_is_open(app: Flask) -> None:
    wrong = [
        name
        for name, view in app.view_functions.items()
        if name.partition(".")[0] in GUARDED and getattr(view, "open_to_all", False)
    ]
    assert wrong == []


def test_areas_stand_at_their_own_address(app: Flask) -> None:
    prefixes = {"coach": "/coach/", "partner": "/my/", "own": "/account/"}
    for rule in app.url_map.iter_rules():
        area = rule.endpoint.partition(".")[0]
        assert rule.rule.startswith(prefixes.get(area, "/")), rule.rule
        assert area in prefixes or not rule.rule.startswith(("/coach", "/my", "/account")), rule.rule


def test_ids_in_addresses_are_typed(app: Flask) -> None:
    loose = [
        rule.rule for rule in app.url_map.iter_rules() if re.search(r"<(?!uuid:|path:filename|any\(|token>)", rule.rule)
    ]
    assert loose == []


def look_ups(module: Module) -> list[str]:
    found = []
    for name in LOOK_UPS:
        for call in calls(module.tree, name):
            owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
            if owner in SESSIONS or owner.endswith((".query", "db.session()")) or name.endswith("404"):
                found.append(f"{module.name}:{call.lineno}")
    return found


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_no_row_is_looked_up_past_the_scope(module: Module) -> None:
    # the browser's own cookie is called session too, in web alone
    assert module.name == "portal/services/scope.py" or module.layer == "web" or look_ups(module) == []


def misplaced_commits(module: Module) -> list[str]:
    """Commits that are not the last thing that a function of a service does; the value it then gives may follow."""
    every = calls(module.tree, "commit")
    if module.layer != "services":
        return [f"{module.name}:{call.lineno}" for call in every]
    last = {id(call) for function in module.functions() for call in calls(_last(function), "commit")}
    last |= {
        id(call)
        for function in module.functions()
        if function.name == COUNTED_THOUGH_REFUSED.get(module.name)
        for call in calls(function, "commit")
    }
    return [f"{module.name}:{call.lineno}" for call in every if id(call) not in last]


def _last(function: Function) -> ast.AST:
    body = function.body
    if isinstance(body[-1], ast.Return) and len(body) > 1 and not calls(body[-1], "session"):
        return body[-2]
    return body[-1]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_commit_is_the_last_line_of_a_service_and_nowhere_else(module: Module) -> None:
    assert misplaced_commits(module) == []


@pytest.mark.parametrize("module", SERVICES, ids=lambda module: module.name)
def test_who_commits_began_the_write(module: Module) -> None:
    wrong = [f.name for f in module.functions() if calls(f, "commit") and not calls(f, "begin_write")]
    assert wrong == []


def given_rows(module: Module) -> set[str]:
    """The names of tables' classes in what the public functions of a module say that they give."""
    public = [f for f in module.tree.body if isinstance(f, Function) and not f.name.startswith("_")]
    words = {word for f in public if f.returns for word in re.findall(r"\w+", ast.unparse(f.returns))}
    named = {found.name.rpartition(".")[2] for found in module.imports if found.layer == "models"}
    return words & MODELS & named


@pytest.mark.parametrize("module", SERVICES, ids=lambda module: module.name)
def test_a_service_gives_values_and_never_rows(module: Module) -> None:
    rows = given_rows(module)
    assert not rows or module.path.stem in GIVE_ROWS, rows
    assert module.path.stem == "scope" or not rows & NEVER_GIVEN


def row_givers() -> set[str]:
    """`notes.add` and its like: what gives rows to other services."""
    return {
        f"{module.path.stem}.{f.name}"
        for module in SERVICES
        for f in module.tree.body
        if isinstance(f, Function) and f.returns and set(re.findall(r"\w+", ast.unparse(f.returns))) & MODELS
    }


@pytest.mark.parametrize("module", [m for m in modules() if m.layer in ("web", "jobs", "output")], ids=lambda m: m.name)
def test_pages_and_jobs_never_ask_for_a_row(module: Module) -> None:
    asked = {ast.unparse(node) for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)}
    assert asked & row_givers() == set()
    assert not any(found.name.startswith("portal.services.scope") for found in module.imports)


def test_a_service_is_asked_by_somebody(app: Flask) -> None:
    """`viewer` is the first argument of what reads or writes for a person."""
    wrong = [
        f"{module.name}:{f.name}"
        for module in SERVICES
        for f in module.tree.body
        if isinstance(f, Function)
        for names in [[a.arg for a in f.args.args]]
        if "viewer" in names and names[0] != "viewer" and not f.name.startswith("_")
    ]
    assert wrong == []


def test_pages_touch_no_database(app: Flask) -> None:
    sources = {name: inspect.getsource(inspect.unwrap(view)) for name, view in app.view_functions.items()}
    assert [name for name, source in sources.items() if "db." in source or "select(" in source] == []


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (look_ups, "services/x.py", "def f(i):\n    return db.session.get(Task, i)"),
        (look_ups, "services/x.py", "def f(i):\n    return db.get_or_404(Task, i)"),
        (misplaced_commits, "web/x.py", "def f():\n    db.session.commit()"),
        (misplaced_commits, "services/x.py", "def f():\n    db.session.commit()\n    more()\n    return 1"),
        (misplaced_commits, "services/x.py", "def f():\n    for x in y:\n        db.session.commit()\n    more()"),
        (given_rows, "services/x.py", "from portal.models.responses import Response\ndef f() -> list[Response]: ..."),
    ],
)
def test_the_rules_find_each_fault(rule, path: str, source: str) -> None:  # type: ignore[no-untyped-def]
    assert rule(module_of(source, path))
