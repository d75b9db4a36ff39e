"""Measures by command: a FHIR file or a table brought in for a practice's owner, and written again as FHIR."""

from pathlib import Path
from uuid import UUID

import click
from flask.cli import AppGroup

from portal.cli import ground
from portal.domain.errors import Invalid, NotFound
from portal.domain.imported import MOST_BYTES
from portal.domain.measure_scores import Coding
from portal.input import fhir as fhir_in
from portal.input import instrument_csv
from portal.output import fhir as fhir_out
from portal.output.whole_file import replacing
from portal.services import measure_exports, measure_import, practices
from portal.services.measure_import import Brought, Scoring
from portal.web.forms.measure_words import words_of

questionnaire = AppGroup("questionnaire", help="Published measures that a practice holds a licence for.")


@questionnaire.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--practice", "practice_name", required=True, help="The practice's name or id.")
@click.option("--name", required=True, help="Short name, for coaches.")
@click.option("--title", required=True, help="What stands over it on a partner's page.")
@click.option("--minutes", type=int, default=5, show_default=True, help="How long it takes.")
@click.option("--scoring", default="", help="The shipped scoring, such as rdas; without it, it is chosen on its page.")
@click.option("--source", default="", help="Where its cut-off and bands were published.")
@click.option(
    "--numbers",
    type=click.Choice(["points", "positions"]),
    help="Of a table: are its points as printed on the form, or position numbers?",
)
def bring(
    file: Path, practice_name: str, name: str, title: str, minutes: int, scoring: str, source: str, numbers: str | None
) -> None:
    """Bring in FILE, a FHIR R4 questionnaire (.json) or a table (.csv). Nothing of it is run, and it is not in use
    before its licence is on record and the owner has said yes.
    """
    try:
        owner = practices.owner_of(practice_name)
        new = _read(file, numbers, Brought(name, title, minutes))
        measure_id = measure_import.bring_in(owner, new)
        if scoring:
            measure_import.choose_scoring(owner, measure_id, Scoring(scoring, source=source))
    except NotFound as refusal:
        raise ground.fail(f"There is no practice of the name or id {practice_name}.") from refusal
    except Invalid as refusal:
        raise ground.fail(f"{file.name}: {words_of(refusal)}") from refusal
    click.echo(f"Brought in as {measure_id}. Its page says what it still needs.")
    for place in new.questionnaire.dropped if new.questionnaire else ():
        click.echo(f"Dropped, for there is no room for it here: {place}")


def _read(file: Path, numbers: str | None, named: Brought) -> Brought:
    with file.open("rb") as opened:
        data = opened.read(MOST_BYTES + 1)
    if file.suffix.lower() != ".csv":
        return Brought(named.name, named.title, named.minutes, questionnaire=fhir_in.questionnaire(data))
    if numbers is None:
        raise Invalid("measure_coding_missing")
    coding = Coding.POINTS if numbers == "points" else Coding.RAW
    read = instrument_csv.table(data, coding)
    return Brought(
        named.name, named.title, named.minutes, coding=coding, questionnaire=read.questionnaire, turned=read.turned
    )


@questionnaire.command("export")
@click.argument("measure", type=click.UUID)
@click.option("--practice", "practice_name", required=True, help="The practice's name or id.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def export(measure: UUID, practice_name: str, out: Path) -> None:
    """Write the measure of this id as a FHIR R4 questionnaire, where its licence lets its words go."""
    try:
        found = measure_exports.questionnaire(practices.owner_of(practice_name), measure)
    except NotFound as refusal:
        raise ground.fail("There is no such measure, or its licence keeps its words in the practice.") from refusal
    try:
        with replacing(out) as written:
            written.write(fhir_out.questionnaire(found))
    except OSError as error:
        raise ground.fail(f"{out} cannot be written ({error.strerror}).") from error
    click.echo(f"Written to {out}.")
