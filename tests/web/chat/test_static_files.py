"""The built files: committed, our own, without the crown or its type."""

import json
import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[3] / "web"
STATIC = WEB / "static"


@pytest.mark.parametrize(
    "name",
    [
        "govuk.css",
        "moj.css",
        "govuk-frontend.min.js",
        "htmx.min.js",
        "queue.js",
        "security_key.js",
        "console.css",
        "chat.css",
        "chat.js",
        "widget.js",
        "supported.js",
        "components.js",
        "icon.svg",
    ],
)
def test_a_static_file_is_there_and_asks_no_other_site(web, name):
    response = web.get(f"/static/{name}")

    assert response.status_code == 200
    assert not re.search(r"url\((?!moj/icon-)|@import|@font-face|GDS Transport", response.text)


def test_every_icon_that_a_style_names_is_there_and_no_other():
    named = set(re.findall(r"url\((.*?)\)", (STATIC / "moj.css").read_text()))

    assert named == {f"moj/{icon.name}" for icon in (STATIC / "moj").iterdir()}


def test_the_script_is_of_the_version_that_the_macros_are_written_for():
    pinned = json.loads((WEB / "frontend" / "package.json").read_text())["devDependencies"]["govuk-frontend"]

    assert f'const version="{pinned}"' in (STATIC / "govuk-frontend.min.js").read_text()
    assert f'--govuk-frontend-version: "{pinned}"' in (STATIC / "govuk.css").read_text()


def test_the_styles_of_the_console_are_of_the_version_that_is_pinned():
    pinned = json.loads((WEB / "frontend" / "package.json").read_text())["devDependencies"][
        "@ministryofjustice/frontend"
    ]

    assert f"MOJ Frontend {pinned}," in (STATIC / "moj.css").read_text()


def test_the_script_of_the_live_list_is_of_the_version_that_is_pinned():
    pinned = json.loads((WEB / "frontend" / "package.json").read_text())["devDependencies"]["htmx.org"]

    assert f'this.version="{pinned}"' in (STATIC / "htmx.min.js").read_text()


def test_our_scripts_hold_no_address_of_another_site():
    for script in ("chat.js", "queue.js", "security_key.js", "widget.js", "supported.js", "components.js"):
        addresses = re.findall(r"https?://[\w.-]+", (STATIC / script).read_text())
        assert set(addresses) <= {"https://…"}, addresses
