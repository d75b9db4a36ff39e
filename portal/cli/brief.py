"""The brief of a session by command: it runs as the session's coach, and goes on record as the operator's."""

from pathlib import Path
from uuid import UUID

import click

from portal.cli import ground
from portal.domain.errors import NotFound
from portal.output import render, templates
from portal.output.voices import voice_in
from portal.output.whole_file import replacing
from portal.services import session_prep


@click.command("brief", help="Write the brief of a session as a PDF.")
@click.argument("session", type=click.UUID)
@click.option("--copy", type=click.Choice(["coach", "joint"]), default="coach", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def brief(session: UUID, copy: str, out: Path) -> None:
    try:
        built = session_prep.for_operator(session, joint=copy == "joint")
    except NotFound as refusal:
        raise ground.fail("There is no such session, or no joint copy of it.") from refusal
    html = templates.render_brief(built, voice_in("en"), site_name=ground.settings().site_name)
    try:
        rendered = render.render_pdf(html)
    except render.NotRendered as error:
        raise ground.fail(f"The page could not be set ({error}). Try again; doctor says what is missing.") from error
    try:
        with replacing(out) as file:
            file.write(rendered.content)
    except OSError as error:
        raise ground.fail(f"{out} cannot be written ({error.strerror}).") from error
    click.echo(
        f"Written to {out}" + (", its words alone: the page itself could not be set" if rendered.fallback else "")
    )
