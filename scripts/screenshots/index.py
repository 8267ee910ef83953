"""The list of the pictures, for whoever reads the docs."""

from pathlib import Path

from scripts.screenshots.camera import file_name
from scripts.screenshots.shots import SHOTS, WIDTHS, Shot

HEAD = """# The console in pictures

Made by `make screenshots` from the data of `make demo`: everybody in them is invented. Each line leads to a page
on a desk (1280 pixels wide) and on a phone (390); the foot of a long page is left out. Who may open which:
[roles](../roles.md).

| page | | |
|---|---|---|
"""


def write(folder: Path) -> None:
    """README.md beside the pictures; those that are no longer taken are deleted."""
    taken = {file_name(shot, width) for shot in SHOTS for width in shot.widths}
    for old in folder.glob("*.png"):
        if old.name not in taken:
            old.unlink()
    (folder / "README.md").write_text(text(), encoding="utf-8")


def text() -> str:
    """A line for each page or state."""
    return HEAD + "".join(f"| {shot.shows} | {_links(shot)} |\n" for shot in SHOTS)


def _links(shot: Shot) -> str:
    links = {width: f"[{width}]({file_name(shot, width)})" if width in shot.widths else "" for width in WIDTHS}
    return " | ".join(links.values())
