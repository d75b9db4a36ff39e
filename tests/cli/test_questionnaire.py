"""A measure brought in and written again by command."""

from pathlib import Path

from flask import Flask

from portal.input import fhir as reading
from portal.output import fhir as writing
from portal.services import measures as services
from tests import measures
from tests.cast import Cast

FORM = measures.wordless("csi4")
NAMED = ("--practice", "Practice North", "--name", "CSI-4", "--title", "How it goes")


def run(app: Flask, *words: object) -> tuple[int, str]:
    found = app.test_cli_runner().invoke(args=["questionnaire", *map(str, words)])
    assert "Traceback" not in found.output
    return found.exit_code, found.output


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_file_is_brought_in_scored_and_written_again(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file, out = written(tmp_path, "csi4.json", writing.questionnaire(FORM)), tmp_path / "again.json"
    assert run(app, "import", file, *NAMED, "--scoring", "csi4")[0] == 0
    [line] = services.lines(cast.ines)
    assert (line.name, [lack.value for lack in line.lacks]) == ("CSI-4", ["licence"])
    export = ("export", line.questionnaire_id, "--practice", "Practice North", "--out", out)
    code, said = run(app, *export)
    assert (code, "its licence keeps its words in the practice" in said) == (1, True)
    measures.measure_licences.attest(cast.ines, line.questionnaire_id, measures.LICENCE)
    assert run(app, *export)[0] == 0
    assert reading.questionnaire(out.read_bytes()) == FORM


def test_a_table_needs_to_be_told_what_its_numbers_are(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = written(tmp_path, "ras.csv", measures.positions("ras"))
    code, said = run(app, "import", file, *NAMED, "--scoring", "ras")
    assert (code, "Say what the points in the table are." in said) == (1, True)
    assert run(app, "import", file, *NAMED, "--scoring", "ras", "--numbers", "positions")[0] == 0
    assert len(services.lines(cast.ines)) == 1


def test_what_cannot_be_taken_is_said_in_one_line(app: Flask, cast: Cast, tmp_path: Path) -> None:
    broken = written(tmp_path, "broken.json", b"{")
    code, said = run(app, "import", broken, *NAMED)
    assert (code, "broken.json: This file is no JSON" in said) == (1, True)
    fine = written(tmp_path, "fine.json", writing.questionnaire(FORM))
    code, said = run(app, "import", fine, *NAMED[2:], "--practice", "Nowhere")
    assert (code, "There is no practice of the name or id Nowhere." in said) == (1, True)
    assert services.lines(cast.ines) == ()
