"""The set-up keeps its word: locks that are whole, commands that parse, settings that are all named."""

import dataclasses
import hashlib
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import Settings

HOUSE = Path(__file__).parents[2]
LOCKS = ("run", "dev", "lint")
FIRST_PLAN = ("demo", "test", "lint", "bench", "serve", "lock", "flask")


def read(name: str) -> str:
    return (HOUSE / name).read_text(encoding="utf-8")


def entries(lock: str) -> Iterator[tuple[str, str, int]]:
    """Each requirement of a lock: its name, its version (empty where none is pinned), how many hashes it has."""
    joined = read(f"requirements/{lock}.lock").replace("\\\n", " ")
    for line in joined.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            name, _, rest = line.partition("==")
            yield (
                name.strip(),
                rest.split()[0] if rest.split() else "",
                len(re.findall(r"--hash=sha256:[0-9a-f]{64}", line)),
            )


def names_in(requirements: list[str]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in found if match}


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=HOUSE, env=os.environ | environ, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_has_a_version_and_a_hash(lock: str) -> None:
    found = list(entries(lock))

    assert len(found) > 20
    assert [name for name, version, hashes in found if not version or not hashes] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_says_where_packages_come_from(lock: str) -> None:
    text = read(f"requirements/{lock}.lock")

    assert re.findall(r"\S*(?:https?:|file:|index-url|find-links|@ )\S*", text) == []


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    run_names = {name for name, _, _ in entries("run")}
    dev_names = {name for name, _, _ in entries("dev")}

    assert names_in(project["dependencies"]) - run_names == set()
    assert names_in(project["optional-dependencies"]["dev"]) - dev_names == set()


def test_the_tests_run_on_exactly_what_the_product_runs_on() -> None:
    product = {(name, version) for name, version, _ in entries("run")}
    everything = {(name, version) for name, version, _ in entries("dev")}

    assert product - everything == set()


@pytest.mark.parametrize("script", ["portal.sh", ".ci/run"])
def test_a_script_parses_and_may_be_started(script: str) -> None:
    parsed = run("bash", "-n", script)

    assert (parsed.returncode, parsed.stderr) == (0, "")
    assert os.access(HOUSE / script, os.X_OK)


def test_help_names_every_command() -> None:
    told = run("./portal.sh", "help").stdout

    assert [name for name in FIRST_PLAN if f"./portal.sh {name}" not in told] == []


def test_an_unknown_command_fails_with_a_line_that_says_what_to_do() -> None:
    refused = run("./portal.sh", "dance")

    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1] == "portal.sh: there is no command 'dance'. Choose one of the above."


@pytest.fixture
def house_with_a_demo(tmp_path: Path) -> Path:
    """The script in a folder of its own, whose Python only says where the portal would be reached."""
    shutil.copyfile(HOUSE / "portal.sh", tmp_path / "portal.sh")
    for folder in ("instance", "requirements", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "instance" / "demo.env").write_text("PORTAL_SECRET_KEY=kept\n", encoding="utf-8")
    (tmp_path / "requirements" / "run.lock").write_text("", encoding="utf-8")
    (tmp_path / ".venv" / "installed-locks").write_text(f"run {hashlib.sha256().hexdigest()}  -\n", encoding="utf-8")
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\n[ "$2" != flask ] || echo "$PORTAL_BASE_URL $PORTAL_SECRET_KEY"\n', encoding="utf-8")
    python.chmod(0o755)
    return tmp_path


def test_a_command_of_the_demo_names_the_port_that_it_was_served_at(house_with_a_demo: Path) -> None:
    def told(**environ: str) -> str:
        return run("bash", str(house_with_a_demo / "portal.sh"), "flask", "doctor", **environ).stdout

    assert told() == "http://127.0.0.1:8000 kept\n"
    assert told(PORTAL_PORT="8131") == "http://127.0.0.1:8131 kept\n"
    (house_with_a_demo / "instance" / "demo.port").write_text("PORTAL_PORT=8132\n", encoding="utf-8")
    assert told() == "http://127.0.0.1:8132 kept\n"
    assert told(PORTAL_PORT="8131") == "http://127.0.0.1:8131 kept\n"


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "80 80"])
def test_a_port_that_is_none_is_refused_before_anything_is_set_up(port: str) -> None:
    refused = run("./portal.sh", "demo", PORTAL_PORT=port)

    assert refused.returncode == 1
    assert refused.stderr == f"portal.sh: PORTAL_PORT is '{port}'. Set it to a number from 1 to 65535.\n"


def test_the_check_of_a_change_runs_what_the_readme_tells_people_to_run() -> None:
    commands = re.findall(r"^\./portal\.sh [a-z]+", read(".ci/run"), flags=re.MULTILINE)

    assert commands == ["./portal.sh lint", "./portal.sh test"]
    assert [command for command in commands if f"    {command}\n" not in read("README.md")] == []


def test_the_example_names_every_setting_and_no_other() -> None:
    named = set(re.findall(r"^#?(PORTAL_[A-Z_]+)=", read(".env.example"), flags=re.MULTILINE))
    read_by_the_portal = {f"PORTAL_{field.name.upper()}" for field in dataclasses.fields(Settings)} - {
        "PORTAL_INSTANCE"
    }

    assert named == read_by_the_portal
