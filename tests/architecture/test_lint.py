"""What lint looks for is found: a fault is planted for each of our own rules, beside what is meant and left alone."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.architecture.house import ROOT
from tests.architecture.test_setup import entries, run

LINTERS = ROOT / ".venv-lint" / "bin"
RULES = yaml.safe_load((ROOT / "semgrep.yaml").read_text(encoding="utf-8"))["rules"]
FAULT = re.compile(r"# fault: ([\w-]+)$")
# where it lies -> what stands there; a line that ends in `fault:` is to be found by that rule, and no other line by any
PLANTED = {
    "portal/services/doors.py": """
import secrets
from portal.models.users import Token

def opens(row, given, token, wanted):
    where = (Token.token_hash == hash_of(token), Token.purpose == wanted)
    if row.token_hash == given:  # fault: secret-compared-plainly
        return True
    if hash_of(given) != row.kept:  # fault: secret-compared-plainly
        return False
    if given == row["digest"]:  # fault: secret-compared-plainly
        return True
    if keys.audit(given) == row.kept:  # fault: secret-compared-plainly
        return True
    if row.password_hash == None or refusal.code == "wrong" or tokens_left == 3 or row.state == State.ACTIVE:
        return False
    return secrets.compare_digest(row.code_hash, given) and where
""",
    "portal/services/couples.py": """
from uuid import uuid4
import random
import secrets
from sqlalchemy import select, update
from portal.extensions import db

def show(viewer, couple_id):
    db.session.get(Couple, couple_id)  # fault: row-sought-past-the-scope
    db.get_or_404(Couple, couple_id)  # fault: row-sought-past-the-scope
    Couple.query.filter_by(id=couple_id)  # fault: row-sought-past-the-scope
    db.session.query(Couple)  # fault: row-sought-past-the-scope
    words = {"a": 1}.get("a")
    select(Couple).where(Couple.id == couple_id)  # fault: viewer-not-asked
    update(Couple).where(Couple.id == couple_id)  # fault: viewer-not-asked
    select(Couple).where(Couple.id == couple_id, Couple.state == "x")  # fault: viewer-not-asked
    select(Couple).where(couple_id == Couple.id)  # fault: viewer-not-asked
    select(Task.state).where(Task.couple_id == couple_id)  # fault: viewer-not-asked
    select(Task).join(Couple).where(Couple.id == couple_id)  # fault: viewer-not-asked
    select(Task).filter_by(couple_id=couple_id)  # fault: viewer-not-asked
    select(Couple).where(Couple.id == couple_id, Couple.practice_id == viewer.practice_id)
    reach(viewer).where(Couple.id == couple_id)
    return uuid4(), words  # fault: chance-from-elsewhere

def let_go(viewer: Viewer, couple_ids: list[UUID]) -> None:
    delete(Task).where(Task.couple_id.in_(couple_ids))  # fault: viewer-not-asked

def tasks(viewer: Viewer, couple_id: UUID) -> list[Task]:
    own = scope.couple(viewer, couple_id)
    select(Task).where(Task.couple_id == couple_id)
    return select(Task).where(Task.couple_id == own.id)

def draw():
    random.random()  # fault: chance-from-elsewhere
    secrets.token_hex(8)  # fault: chance-from-elsewhere
    return randomness.new_token()
""",
    "portal/services/scope.py": """
from sqlalchemy import select
from portal.extensions import db

def couple(viewer, couple_id):
    db.session.get(Couple, couple_id)
    return select(Couple).where(Couple.id == couple_id)
""",
    "portal/jobs/sweep.py": """
import logging
import traceback
from sqlalchemy import select
import structlog
from portal.extensions import db

log = structlog.get_logger()

def sweep(mail, answers, error, response):
    log.info("sent", entry=str(mail.entry_id), count=len(mails), kind=type(error).__name__)
    log.info("answers came in", response=response.id, where=where)
    log.info(f"from {mail.sender}")  # fault: answer-in-the-log
    log.info("sent", answers)  # fault: answer-in-the-log
    log.info("sent", what=answers)  # fault: answer-in-the-log
    log.warning("sent", what=response.document)  # fault: answer-in-the-log
    log.warning("not sent", why=str(error))  # fault: answer-in-the-log
    log.error("not sent", why=error)  # fault: answer-in-the-log
    log.error("not sent", exc_info=True)  # fault: answer-in-the-log
    logging.info("%s came", viewer)  # fault: answer-in-the-log
    log.info("asked", path=request.path)  # fault: answer-in-the-log
    log.exception("not sent")  # fault: trace-in-the-log
    told = traceback.format_exc()  # fault: trace-in-the-log
    db.session.execute(told)  # fault: query-outside-the-services
    return select(Couple)  # fault: query-outside-the-services
""",
    "portal/web/auth/doors.py": """
from flask import redirect, render_template, render_template_string, request, url_for
from portal.web import guards

def go():
    if request.method == "POST":
        return redirect(request.args["next"], 303)  # fault: sent-where-the-request-says
    wanted = request.args.get("next")
    if wanted.startswith("/"):
        return redirect(wanted)  # fault: sent-where-the-request-says
    home = guards.own_path_or_none(request.args.get("next"))
    if home:
        return redirect(home, 303)
    if wanted:
        return redirect(url_for("auth.sign_in", next=wanted))
    environment.from_string(wanted)  # fault: page-made-of-words
    if not wanted:
        return render_template_string("<p>" + home)  # fault: page-made-of-words
    return render_template("auth/sign_in.html", wanted=wanted)
""",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, int, str]]:
    """What our own rules find in the planted house: file, line and rule."""
    house = tmp_path_factory.mktemp("planted")
    for name, source in PLANTED.items():
        (house / name).parent.mkdir(parents=True, exist_ok=True)
        (house / name).write_text(source, encoding="utf-8")
    program = LINTERS / "semgrep"
    assert program.exists(), "the linters are not installed: ./portal.sh test and ./portal.sh lint install them"
    quiet = ["--metrics=off", "--disable-version-check", "--disable-nosem", "--quiet", "--json"]
    environ = {
        **os.environ,
        "PATH": f"{LINTERS}:{os.environ['PATH']}",
        "SEMGREP_SETTINGS_FILE": str(house / "settings.yaml"),
        "SEMGREP_LOG_FILE": str(house / "log"),
    }
    told = subprocess.run(
        [program, "scan", "--config", ROOT / "semgrep.yaml", *quiet, "."],
        cwd=house, env=environ, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    results = json.loads(told.stdout)
    assert results["errors"] == []
    return {(hit["path"], hit["start"]["line"], hit["check_id"].rpartition(".")[2]) for hit in results["results"]}


def planted() -> Iterator[tuple[str, int, str]]:
    for name, source in PLANTED.items():
        for number, line in enumerate(source.splitlines(), start=1):
            if fault := FAULT.search(line):
                yield name, number, fault[1]


@pytest.mark.parametrize("rule", [rule["id"] for rule in RULES])
def test_each_rule_finds_the_fault_that_is_planted_for_it(found: set[tuple[str, int, str]], rule: str) -> None:
    wanted = {fault for fault in planted() if fault[2] == rule}
    assert wanted
    assert wanted - found == set()


def test_what_is_meant_is_left_alone(found: set[tuple[str, int, str]]) -> None:
    assert found - set(planted()) == set()


def test_every_rule_says_what_to_do_instead() -> None:
    assert [rule["id"] for rule in RULES if len(rule["message"].split()) < 8 or rule["severity"] != "ERROR"] == []


def test_bandit_finds_what_ruff_does_not_look_at_line_by_line(tmp_path: Path) -> None:
    planted = tmp_path / "x.py"
    planted.write_text("import pickle, yaml\npickle.loads(b)\nyaml.load(b)\nexec(b)\n", encoding="utf-8")
    told = run(str(LINTERS / "bandit"), "--quiet", "--format", "json", "-c", str(ROOT / "pyproject.toml"), str(planted))
    assert {hit["test_id"] for hit in json.loads(told.stdout)["results"]} >= {"B301", "B506", "B102"}


def test_the_bill_of_materials_names_every_package_of_the_lock_and_is_the_same_each_time(tmp_path: Path) -> None:
    source = "source ./portal.sh help >/dev/null; write_bill_of_materials"
    for name in ("one", "two"):
        made = run("bash", "-c", f"{source} {tmp_path / name}")
        assert made.returncode == 0, made.stderr
    one, two = ((tmp_path / name).read_bytes() for name in ("one", "two"))
    assert one == two
    told = json.loads(one)
    assert told["bomFormat"] == "CycloneDX"
    assert told["metadata"]["component"]["name"] == "portal"
    assert {(part["name"], part["version"]) for part in told["components"]} == {
        (name, version) for name, version, _ in entries("run")
    }
    hashes = [found["hashes"] for part in told["components"] for found in part["externalReferences"]]
    assert all(found[0]["alg"] == "SHA-256" for found in hashes)


def test_lint_runs_all_of_it() -> None:
    script = (ROOT / "portal.sh").read_text(encoding="utf-8")
    body = script.partition("\nlint() {\n")[2].partition("\n}\n")[0]
    for part in ("ruff check", "ruff format --check", "mypy", "bandit", "own_rules", "write_bill_of_materials"):
        assert part in body, part
    assert "--metrics=off --disable-version-check --disable-nosem --error" in script
