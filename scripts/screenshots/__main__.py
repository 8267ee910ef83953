"""Take pictures of the console with the data of the demo, and write their index. `make screenshots` runs it.

.venv/bin/python -m scripts.screenshots [--only NAME …] [--to docs/console]
"""

import argparse
import logging
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from evaluation.service import DATA_KEY

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", nargs="+", default=[], help="names of pictures; the index is left as it is")
    options.add_argument("--to", type=Path, default=ROOT / "docs" / "console", help="the folder")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        Path(folder).chmod(0o755)  # the PostgreSQL that comes along runs as another user when we are root
        os.environ |= {
            "SECRET_KEY": "only for pictures", "DATA_KEYS": DATA_KEY, "VAR_DIR": folder, "DATABASE_URL": "",
            "CONSOLE_SECOND_FACTOR": "off",
        }  # fmt: skip
        take(given.only, given.to)


def take(only: list[str], folder: Path) -> None:
    """The pictures, and the index unless only some were asked for."""
    from scripts.screenshots import index, scenes
    from scripts.screenshots.camera import Camera, chromium
    from scripts.screenshots.shots import SHOTS, WIDTHS

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_things:
        demo, known = open_things.enter_context(scenes.the_demo())
        addresses = {asks: open_things.enter_context(scenes.served(asks)) for asks in (False, True)}
        browser = open_things.enter_context(chromium(os.environ.get("CHROMIUM", "/usr/bin/chromium")))
        cameras = {
            (asks, width): Camera(browser, demo, address, width)
            for asks, address in addresses.items()
            for width in WIDTHS
        }
        for shot in SHOTS:
            for width in shot.widths:
                if not only or shot.name in only:
                    file = cameras[shot.asks_for_code, width].take(shot, known, folder)
                    print(f"{file.stat().st_size // 1024:5} KB  {file.name}", flush=True)
    if not only:
        index.write(folder)


if __name__ == "__main__":
    main()
