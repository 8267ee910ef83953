"""Templates are compiled once for all processes, and pages come though nothing can be kept."""

from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import Environment

from gateway.config import settings
from web import create_app


def page_of(folder: Path) -> int:
    return create_app(replace(settings(), var_dir=folder)).test_client().get("/chat").status_code


def test_a_second_process_compiles_nothing_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    assert page_of(tmp_path) == 200

    def compiled(*given: object, **more: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(Environment, "compile", compiled)
    assert page_of(tmp_path) == 200


def test_pages_come_though_the_folder_cannot_be_made(tmp_path: Path, database: str) -> None:
    (tmp_path / "templates").write_text("a file where the folder should be")

    assert page_of(tmp_path) == 200


def test_pages_come_though_what_was_kept_is_broken(tmp_path: Path, database: str) -> None:
    assert page_of(tmp_path) == 200
    for kept in (tmp_path / "templates").iterdir():
        kept.write_bytes(b"broken")

    assert page_of(tmp_path) == 200
