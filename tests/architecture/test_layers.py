"""Who may import whom: the table of the architecture, held for every import, function-level ones included."""

import pytest

from tests.architecture.house import Module, module_of, modules

# what each layer may import of the house, itself included
ALLOWED = {
    "domain": {"domain"},
    "models": {"models", "domain", "extensions"},
    "content": {"content"},
    "clock": set(),
    "randomness": set(),
    "settings": {"settings"},
    "counting": set(),
    "keys": set(),
    "extensions": {"counting", "keys"},
    "services": {"services", "domain", "models", "extensions", "clock", "randomness", "content", "settings"},
    "output": {"output", "domain"},
    "input": {"input", "domain"},
    "jobs": {"jobs", "services", "output", "domain", "extensions", "clock", "settings"},
    # clock for "today" beside a form, randomness for nonces and form keys, settings for addresses; never models
    "web": {"web", "services", "output", "input", "domain", "extensions", "clock", "randomness", "settings"},
}
ALL = {"portal", "cli"}  # create_app and the commands put the house together
FLASK = {"flask", "flask_login", "flask_wtf", "flask_babel", "flask_migrate", "wtforms", "werkzeug"}
WHERE_FLASK = {"web", "cli", "extensions", "keys", "portal"}
# the bound parts that pages need; the database is not among them
EXTENSIONS_OF_WEB = {"csrf", "limiter", "login", "babel"}
ONLY_HERE = {
    "weasyprint": {"portal/output/pdf.py"},
    "pydyf": {"portal/output/pdf.py"},
    "smtplib": {"portal/output/mail.py"},
    "flask_migrate": {"portal/cli/migrations.py"},
}
PURE = {"domain": {"yaml", "sqlalchemy", "jinja2", "markupsafe", "babel"}, "output": {"sqlalchemy"}}


def faults_of(module: Module) -> list[str]:
    """What a module imports and may not, as `file:line name`."""
    wrong = [found for found in module.imports if _is_wrong(module, found)]
    return [f"{module.name}:{found.line} {found.name}" for found in wrong]


def _is_wrong(module: Module, found) -> bool:  # type: ignore[no-untyped-def]
    layer = module.layer
    of_house = found.root == "portal" and layer not in ALL and found.layer not in ALLOWED[layer]
    foreign_flask = found.root in FLASK and layer not in WHERE_FLASK
    at_database = layer == "web" and (
        found.root == "sqlalchemy"
        or (found.layer == "extensions" and found.name.split(".")[-1] not in EXTENSIONS_OF_WEB)
    )
    elsewhere = found.root in ONLY_HERE and module.name not in ONLY_HERE[found.root]
    across = {module.part, ".".join(found.name.split(".")[1:3])} == {"web.coach", "web.partner"}
    impure = found.root in PURE.get(layer, set())
    return any((of_house, foreign_flask, at_database, elsewhere, across, impure))


def test_every_layer_is_in_the_table() -> None:
    assert {module.layer for module in modules()} <= set(ALLOWED) | ALL


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_imports_what_its_layer_may(module: Module) -> None:
    assert faults_of(module) == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_imports_stand_at_the_top_and_name_the_whole_way(module: Module) -> None:
    assert [found.name for found in module.imports if found.is_inside_function or found.is_relative] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("domain/x.py", "import flask"),
        ("domain/x.py", "def f():\n    from portal.services import scope"),
        ("services/x.py", "from flask import request"),
        ("services/x.py", "from portal.web import guards"),
        ("models/x.py", "from portal.services import scope"),
        ("output/x.py", "from portal.extensions import db"),
        ("output/x.py", "import weasyprint"),
        ("web/x.py", "from sqlalchemy import select"),
        ("web/x.py", "from portal.models.users import Person"),
        ("web/x.py", "from portal.extensions import db"),
        ("web/coach/x.py", "from portal.web.partner import tasks"),
        ("web/partner/x.py", "from portal.web.coach.area import area"),
        ("jobs/x.py", "import smtplib"),
        ("clock.py", "from portal.settings import Settings"),
    ],
)
def test_the_rule_finds_each_fault(path: str, source: str) -> None:
    assert faults_of(module_of(source, path))
