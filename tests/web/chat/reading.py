"""Checks that every page must pass."""

from bs4 import BeautifulSoup

from tests.validity import faults


def read_page(html: str) -> BeautifulSoup:
    """Parse a page and insist on valid HTML, a title, one h1 and nothing inline or foreign."""
    assert faults(html) == []
    soup = BeautifulSoup(html, "html5lib")
    assert soup.html["lang"] == "en"
    assert soup.title.string.strip().endswith("Family Gateway") and len(soup.title.string) > 20
    assert len(soup.find_all("h1")) == 1
    assert not soup.find_all("style") and not soup.find_all(style=True)
    for tag in soup.find_all(["script", "link", "img", "iframe"]):
        assert (tag.get("src") or tag.get("href")).startswith("/")
    return soup
