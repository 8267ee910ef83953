"""Checks that every page must pass."""

from collections import Counter

import html5lib
from bs4 import BeautifulSoup

# html5lib holds to an older standard in which these were faults.
NOT_FAULTS = {"expected-doctype-but-got-end-tag"}


def read_page(html: str) -> BeautifulSoup:
    """Parse a page and insist on valid HTML, a title, one h1, labels, single ids and nothing inline or foreign."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    parser.parse(html)
    assert [fault for fault in parser.errors if fault[1] not in NOT_FAULTS] == []
    soup = BeautifulSoup(html, "html5lib")
    assert soup.html["lang"] == "en"
    assert soup.title.string.strip().endswith("Family Gateway") and len(soup.title.string) > 20
    assert len(soup.find_all("h1")) == 1
    assert [name for name, count in Counter(tag["id"] for tag in soup.find_all(id=True)).items() if count > 1] == []
    for field in soup.select("input:not([type=hidden]), textarea, select"):
        assert soup.find("label", attrs={"for": field["id"]}), f"{field} has no label"
    for reference in ("aria-labelledby", "aria-describedby", "aria-controls"):
        for tag in soup.find_all(attrs={reference: True}):
            assert all(soup.find(id=name) for name in tag[reference].split())
    assert not soup.find_all("style") and not soup.find_all(style=True)
    for tag in soup.find_all(["script", "link", "img", "iframe"]):
        assert (tag.get("src") or tag.get("href")).startswith("/")
    return soup
