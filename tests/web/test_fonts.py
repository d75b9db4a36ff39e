"""The type of the pages: served from what was cut, and cut small."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from portal.web import fonts

NAME = "source-sans-3.woff2"
MOST_BYTES = 45_000


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = Flask("fonts", static_folder=None)
    app.extensions["portal.settings"] = SimpleNamespace(instance=tmp_path)
    fonts.init_app(app)
    return app


def test_a_font_is_cut_once_before_the_server_starts_stays_small_and_is_kept_by_browsers(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "CUTS", {NAME: fonts.CUTS[NAME]})
    fonts.make_ahead(app)
    made = tmp_path / "cache" / "fonts" / NAME
    response = app.test_client().get(f"/static/fonts/{NAME}")
    assert response.status_code == 200
    assert response.mimetype == "font/woff2"
    assert response.data[:4] == b"wOF2"
    assert len(response.data) < MOST_BYTES
    assert "max-age=31536000" in response.headers["Cache-Control"]
    before = made.stat().st_mtime_ns
    assert fonts.made(NAME, made.parent).stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["other.woff2", "..%2Fportal.db", "source-sans-3.ttf"])
def test_no_other_file_is_served_as_a_font(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/static/fonts/{name}").status_code == 404
