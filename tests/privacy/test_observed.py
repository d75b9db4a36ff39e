"""Nothing that could tell Ben anything is forgotten: each mail, job, file and command says how it is looked at.

Addresses are not listed here: the histories walk all that the app has.
"""

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

import click
import pytest
from flask import Flask

from portal import cli, jobs
from portal.output.mail_text import TEMPLATES
from portal.web.partner import export
from tests.privacy import acts
from tests.privacy.looks import KINDS

MAILS = {
    "task": "the histories compare it: each byte, when it goes, and in which order",
    "invitation": "likewise; both are in, and none is sent to Ben",
    "reset": "likewise; Ben asks for none, and Ana's goes to her",
    "account_changed": "likewise",
    "waiting": "goes to coach and cover alone; the histories let it be written, sent and sent again before Ben's own",
    "waiting_elsewhere": "likewise, to the owner",
}
JOBS = {
    "drain.drain": "the coach's act `drain`: what went to Ben, and when",
    "sweep.sweep": "the coach's act `work`",
    "press.Press": "the coach's act `press`: it writes what the coach alone is given, and no mail waits for it",
    "worker.nobody_working": "a lock among processes: it says nothing to anybody",
    "worker.Worker": "calls the two above by the clock, whatever there is to do",
    "rotation.exchange_key": "an operator's: seals anew what there is, and changes no word of it; no partner sees when",
}
FILES = {
    "json": "the histories compare it whole, with its name",
    "csv": "likewise, at every look",
    "fhir": "likewise, in the last look",
    "pdf": "likewise, as the pages are given to the printer, and in one history of twenty as they are printed",
}
SHUT = "answers on the operator's own terminal, to which no partner comes, and changes nothing that pages say"
NAMED = "is about one practice or person that the operator names, whatever anybody wrote"
COMMANDS = {
    **dict.fromkeys(
        ("jobs drain", "jobs press", "jobs sweep"), "the jobs above: what they send is compared, what they say is not"
    ),
    **dict.fromkeys(("audit verify", "backup", "brief", "demo seed", "doctor", "keys rotate", "restore"), SHUT),
    **dict.fromkeys(("coach invite", "key remove", "practice create", "practice invite"), NAMED),
    **dict.fromkeys(("questionnaire export", "questionnaire import"), NAMED),
    **dict.fromkeys((f"practice {act}" for act in ("move-out", "move-in", "stay", "forget")), NAMED),
}


def commands_of(app: Flask) -> set[str]:
    """Every command of ours, by its words."""
    return {name for command in cli.COMMANDS for name in _below(command, command.name or "")}


def _below(command: click.Command, name: str) -> set[str]:
    if not isinstance(command, click.Group):
        return {name}
    return {found for word, one in command.commands.items() for found in _below(one, f"{name} {word}")}


def test_every_mail_is_compared() -> None:
    assert {path.stem for path in Path(TEMPLATES).glob("*.txt")} == set(MAILS)


def test_every_job_is_lived() -> None:
    found = set()
    for module in pkgutil.iter_modules(jobs.__path__, "portal.jobs."):
        for name, member in inspect.getmembers(import_module(module.name)):
            is_own = getattr(member, "__module__", None) == module.name and not name.startswith("_")
            if is_own and callable(member) and (not inspect.isclass(member) or name in ("Press", "Worker")):
                found.add(f"{module.name.rpartition('.')[2]}.{name}")
    assert found == set(JOBS)
    assert {"drain", "work", "sweep", "press"} <= set(acts.SHARED["coach"])


def test_every_file_is_compared() -> None:
    assert set(export.TYPES) == set(FILES) == set(KINDS)


def test_every_command_says_why_a_partner_can_not_see_it(app: Flask) -> None:
    assert commands_of(app) == set(COMMANDS)


@pytest.mark.parametrize("listed", [MAILS, JOBS, FILES, COMMANDS])
def test_each_entry_says_something(listed: dict[str, str]) -> None:
    assert all(len(words) > 7 for words in listed.values())
