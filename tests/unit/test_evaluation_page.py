"""The report: every figure and miss is on the page, and the pictures do not disturb one another."""

import re
from collections import Counter

from bs4 import BeautifulSoup

from evaluation import pictures
from evaluation.figures import Figure, at_least, at_most
from evaluation.history import Run
from evaluation.outcome import Miss
from evaluation.page import page

FIGURES = [Figure("Worries", "seen", 99, 100, at_least(0.99)), Figure("Worries", "too low", 9, 100, at_most(0.05))]


def drawn() -> dict[str, str]:
    """One picture of each kind."""
    styles = {"plain": Figure("", "plain", 3, 4), "slang": Figure("", "slang", 1, 4)}
    scored = [(0.9, True), (0.8, False), (0.7, True), (0.1, False)]
    return {
        "confusion": pictures.confusion("Taken for", [("visits", "visits"), ("visits", "money"), ("money", "money")]),
        "confidence": pictures.confidence("Sure", [0.9, 0.1], [0.5], "probability"),
        "curve": pictures.precision_recall(scored, {"likely": 0.5}, {"right": 2, "all": 3, "of": 2}),
        "styles": pictures.misses_by_style({"worries not seen": styles, "false records": styles}),
        "before": pictures.before_and_after(FIGURES, Run("last run", "model", {"Worries: seen": (90, 100)})),
    }


def test_the_page_holds_figures_with_their_goals_pictures_and_misses_as_they_were_written() -> None:
    misses = [Miss("r-1", "he said <goodbye> & meant it", "plain", "worry not seen", "found none")]

    shown = BeautifulSoup(page("Report", FIGURES, {"A picture": "<svg></svg>"}, misses), "html.parser")

    text = " ".join(shown.get_text(" ").split())
    assert "99 of 100 99.0% 94.6% – 99.8% ≥ 99% met" in text
    assert "9 of 100 9.0% 4.8% – 16.2% ≤ 5% not met" in text
    assert "r-1 plain he said <goodbye> & meant it found none" in text
    assert shown.svg


def test_pictures_on_one_page_share_no_id_and_are_named() -> None:
    found = drawn()
    # Two of one kind are drawn on the same page too.
    found["another"] = pictures.confusion("Whose safety", [("caller", "caller"), ("other", "caller")])

    shown = BeautifulSoup("".join(found.values()), "html.parser")

    ids = Counter(str(element["id"]) for element in shown.find_all(id=re.compile("^[mp][0-9a-f]{10}$")))
    assert ids and max(ids.values()) == 1
    assert all(picture["aria-label"] for picture in shown.find_all("svg")) and len(shown.find_all("svg")) == len(found)
