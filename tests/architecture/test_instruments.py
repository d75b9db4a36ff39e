"""The tests' own instruments measure what they say: the validator finds fault, the private PostgreSQL ends."""

from pathlib import Path

import psycopg
import pytest
from weasyprint import HTML

from benchmarks import ground
from tests.postgres import private_cluster
from tests.validator import Standard, validate

PAGE = (
    '<html lang="en"><head><title>A brief</title></head><body><h1>Ana and Ben</h1><p>One small step.</p></body></html>'
)


@pytest.mark.parametrize(("standard", "variant"), [("ua1", "pdf/ua-1"), ("3a", "pdf/a-3a")])
def test_the_validator_passes_a_file_that_meets_the_standard(tmp_path: Path, standard: Standard, variant: str) -> None:
    good = tmp_path / "good.pdf"
    HTML(string=PAGE).write_pdf(good, pdf_variant=variant)

    assert validate([good], standard) == []


def test_the_validator_names_the_file_and_the_rule_that_is_broken(tmp_path: Path) -> None:
    good, plain = tmp_path / "good.pdf", tmp_path / "plain.pdf"
    HTML(string=PAGE).write_pdf(good, pdf_variant="pdf/ua-1")
    HTML(string=PAGE).write_pdf(plain)

    failures = validate([good, plain], "ua1")

    assert failures
    assert [failure for failure in failures if not failure.startswith(f"{plain} ")] == []
    assert any("shall be marked as Artifact or tagged as real content" in failure for failure in failures)


def test_a_file_that_is_missing_or_no_pdf_is_never_taken_for_a_good_one(tmp_path: Path) -> None:
    noise, absent = tmp_path / "noise.pdf", tmp_path / "absent.pdf"
    noise.write_text("not a PDF", encoding="utf-8")

    failures = validate([noise, absent], "3a")

    assert {failure.split(" ")[0] for failure in failures} == {str(noise), str(absent)}


def test_the_private_cluster_answers_while_it_is_needed_and_not_a_moment_longer() -> None:
    with private_cluster() as address:
        plain = address.replace("postgresql+psycopg:", "postgresql:")
        with psycopg.connect(plain, autocommit=True) as session:
            session.execute("CREATE ROLE app LOGIN")
            session.execute("CREATE DATABASE second OWNER app")
            assert session.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        still_open = psycopg.connect(plain)

    with pytest.raises(psycopg.OperationalError):
        still_open.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain, connect_timeout=2)


def test_the_ground_of_the_benchmarks_can_be_laid(tmp_path: Path) -> None:
    laid = ground.lay(tmp_path, senders=1)
    assert [visit.path.endswith("/review") for visit in laid.sends] == [True, True]
    assert laid.home.cookie
