"""The pictures of the console: of every page, listed, and light enough to be kept with the code."""

from gateway.config import ROOT
from scripts.screenshots import index
from scripts.screenshots.camera import file_name
from scripts.screenshots.shots import SHOTS
from web import create_app

FOLDER = ROOT / "docs" / "console"
LIGHT = 4 * 1024 * 1024
# Files, a part of a page, the ways to another sign-in and back, and the step over which the browser asks for the key.
NO_PAGES = {"media", "feedback_file", "figures_file", "queue_renewed", "oidc", "oidc_back", "oidc_out"} | {
    "security_key_new"
}
GAPS = {"message": 1, "priya": 1, "invitation": "x"}


def test_every_page_of_the_console_is_pictured() -> None:
    app = create_app()
    console = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and "GET" in (rule.methods or ())
    }
    concerns = dict.fromkeys(("new", "acknowledged", "proposed", "closed"), "ABC-4KQ7")
    addresses = [f"/console/{shot.path.partition('?')[0].format(**GAPS, **concerns)}" for shot in SHOTS]
    pictured = {app.url_map.bind("localhost").match(address)[0] for address in addresses}

    assert console - {f"console.{name}" for name in NO_PAGES} - pictured == set()


def test_the_index_lists_what_is_there() -> None:
    pictures = {file_name(shot, width) for shot in SHOTS for width in shot.widths}

    assert (FOLDER / "README.md").read_text(encoding="utf-8") == index.text()
    assert {file.name for file in FOLDER.glob("*.png")} == pictures


def test_together_they_are_light() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < LIGHT
