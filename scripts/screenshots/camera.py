"""Taking the pictures, small enough to be kept with the code."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.demo.stories import Demo
from scripts.screenshots.shots import DESKTOP, PHONE, WIDTHS, Shot

SWITCHES = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]
HEIGHTS = {DESKTOP: 800, PHONE: 780}
# Of a longer page the rest is left out.
LONGEST = {DESKTOP: 1500, PHONE: 1800}
# A page has few colours; these are enough to keep its words sharp.
COLOURS = 128


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


class Camera:
    """Takes shots of one console at one width, each person signed in once."""

    def __init__(self, browser: Browser, demo: Demo, address: str, width: str) -> None:
        self._browser, self._demo, self._address, self._width = browser, demo, address, width
        self._pages: dict[str | None, Page] = {}

    def take(self, shot: Shot, known: dict[str, object], folder: Path) -> Path:
        """Into the folder; gives the file."""
        page = self._page_of(shot.who)
        page.goto(self._address + shot.path.format(**known))
        if shot.does:
            shot.does(page)
            page.mouse.move(0, 0)
        page.wait_for_load_state("networkidle")
        file = folder / file_name(shot, self._width)
        taken = page.screenshot(full_page=shot.whole, animations="disabled")
        file.write_bytes(_small(taken, LONGEST[self._width]))
        return file

    def _page_of(self, who: str | None) -> Page:
        if who not in self._pages:
            size = {"width": WIDTHS[self._width], "height": HEIGHTS[self._width]}
            page = self._browser.new_page(viewport=size, locale="en-GB")
            self._pages[who] = page
            if who:
                self._sign_in(page, who)
        return self._pages[who]

    def _sign_in(self, page: Page, who: str) -> None:
        page.goto(f"{self._address}sign-in")
        page.get_by_label("E-mail address").fill(self._demo.people[who]["email"])
        page.get_by_label("Password", exact=True).fill(self._demo.password)
        page.get_by_role("button", name="Sign in", exact=True).click()


def file_name(shot: Shot, width: str) -> str:
    """Of a shot at a width."""
    return f"{shot.name}-{width}.png"


def _small(png: bytes, longest: int) -> bytes:
    picture = Image.open(BytesIO(png)).convert("RGB")
    cut = picture.crop((0, 0, picture.width, min(picture.height, longest)))
    file = BytesIO()
    cut.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()
