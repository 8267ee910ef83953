"""The page of figures and its files."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from odfdo import Document
from pypdf import PdfReader

from gateway.db import now, unit_of_work
from gateway.figures.period import offered
from gateway.inert import cell
from gateway.prisons.models import Prison

MIDDLE = timedelta(days=14)
FOOT = 28  # points from the lower edge


@pytest.fixture
def last_month():
    """The middle of the last whole month."""
    first = offered()[0]
    return datetime(first.year, first.month, 1, tzinfo=UTC) + MIDDLE


@pytest.fixture
def some(concern, last_month):
    """Six about drugs, seven about debt and two about bullying, at Leeds in the last month."""
    for category, times in (("drugs", 6), ("debt_threats", 7), ("violence_bullying", 2)):
        for _ in range(times):
            concern("he is in trouble", category=category, opened_at=last_month)


def text_of(page):
    return " ".join(page.find("main").text.split())


def rows_of(page, key):
    return {
        row.th.text: [cell.text for cell in row.find_all("td")]
        for row in page.select(f"section[aria-labelledby=figure-{key}] tbody tr")
    }


def test_the_page_shows_each_table_with_a_chart_that_is_told_in_words(sign_in, some):
    page = sign_in("LEI", reads_unrouted=True).get("/console/figures")

    assert "Concerns opened: 15" in text_of(page)
    charts = page.select("svg[role=img]")
    assert len(charts) > 6
    for chart in charts:
        title, told = (page.find(id=name) for name in chart["aria-labelledby"].split())
        assert title.text and "in the table below" in told.text
        assert chart.find_parent("section").find("table")
    assert not page.select("svg [style], svg style")


def test_small_numbers_stand_nowhere_on_the_page(sign_in, some):
    page = sign_in("LEI").get("/console/figures")

    counted = rows_of(page, "category")
    assert (counted["Drugs"], counted["Violence or bullying"], counted["Debt or threats"]) == (["[c]"], ["[c]"], ["7"])
    assert "[c] stands for a number that is not shown" in text_of(page)
    shown = {one for row in page.select("tbody tr") for one in [cell.text for cell in row.find_all("td")]}
    assert not shown & {"1", "2", "3", "4"}


def test_what_a_chart_draws_is_what_the_table_says(sign_in, some):
    page = sign_in("LEI").get("/console/figures")

    chart = page.select_one("section[aria-labelledby=figure-category] svg")
    labels, values = ([one.text for one in chart.select(f".console-chart__{kind}")] for kind in ("label", "value"))
    lengths = [bar["width"] for bar in chart.select("rect")]
    drawn = dict(zip(labels, zip(values, lengths, strict=True), strict=True))
    assert drawn["Debt or threats"] == ("7", "85.0%") and drawn["Drugs"] == ("[c]", "0%")
    assert set(drawn) == {name for name, cells in rows_of(page, "category").items() if cells != ["0"]}


def test_nothing_counted_is_a_page_too(sign_in):
    page = sign_in("LEI").get("/console/figures")

    assert "Concerns opened: 0" in text_of(page) and "[c]" not in text_of(page)
    assert page.select("svg") == []


def test_months_and_prison_can_be_chosen_among_those_of_the_reader(sign_in, some, concern, last_month):
    for _ in range(5):
        concern(prison="HLI", opened_at=last_month)
    person, month = sign_in("LEI", "HLI"), f"{last_month:%Y-%m}"

    both = person.get(f"/console/figures?from={month}&to={month}")
    hull = person.get(f"/console/figures?from={month}&to={month}&prison=HLI")

    assert "Concerns opened: 20" in text_of(both) and both.find("h1").text == f"Figures, {last_month:%B %Y}"
    assert "Concerns opened: 5" in text_of(hull)
    assert hull.select_one("#prison option[selected]")["value"] == "HLI"
    assert rows_of(both, "prison") and not rows_of(hull, "prison")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2001-01", "Choose whole months of the last two years"),
        ("prison=HLI", "Choose one of your prisons"),
        ("prison=unrouted", "Choose one of your prisons"),
        ("from=%3Cb%3E", "Choose whole months of the last two years"),
    ],
)
def test_what_cannot_be_chosen_is_an_error_in_a_sentence_and_no_file(sign_in, some, query, sentence):
    person = sign_in("LEI")

    page = person.get(f"/console/figures?{query}", status=400)

    assert page.select_one(".govuk-error-summary").text.count(sentence) == 1
    assert "Concerns opened" not in text_of(page)
    for kind in ("csv", "ods", "pdf"):
        assert person.client.get(f"/console/figures.{kind}?{query}").status_code == 404


def test_the_last_month_must_not_come_before_the_first(sign_in):
    first, last = f"{offered()[0]:%Y-%m}", f"{offered()[1]:%Y-%m}"

    page = sign_in("LEI").get(f"/console/figures?from={first}&to={last}", status=400)

    assert "The first month must not be after the last" in text_of(page)


# ----- files -----


def get_file(person, kind):
    answer = person.client.get(f"/console/figures.{kind}")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert f".{kind}" in answer.headers["Content-Disposition"]
    return answer


def test_the_csv_has_a_line_for_each_number_and_hides_the_small_ones(sign_in, some):
    answer = get_file(sign_in("LEI"), "csv")

    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert answer.mimetype == "text/csv"
    about = {line["row"]: line["value"] for line in lines if line["table"] == "What they were about"}
    assert (about["Drugs"], about["Debt or threats"], about["Other"]) == ("[c]", "7", "0")
    assert not {line["value"] for line in lines} & {"1", "2", "3", "4"}


def test_the_spreadsheet_has_a_sheet_for_each_table_with_numbers_that_can_be_added(sign_in, some):
    answer = get_file(sign_in("LEI"), "ods")

    sheets = {sheet.name: sheet.get_values() for sheet in Document(io.BytesIO(answer.data)).body.tables}
    about = {row[0]: row[1] for row in sheets["What they were about"][1:]}
    assert (about["Drugs"], about["Debt or threats"], about["Other"]) == ("[c]", 7, 0)
    assert len(sheets) > 10 and "Concerns opened: 15" in [row[0] for row in sheets[next(iter(sheets))]]


def test_the_sheet_of_paper_is_one_page_however_much_there_is(sign_in, concern, last_month):
    prisons = ["LEI", "HLI", "MDI"]
    with unit_of_work() as session:
        prisons += [one.id for one in session.query(Prison).limit(60) if one.id not in prisons]
    for _ in range(8):
        concern(opened_at=last_month)
    person = sign_in(*prisons, reads_unrouted=True)
    answer = person.client.get(f"/console/figures.pdf?from={offered()[-1]:%Y-%m}")

    document = PdfReader(io.BytesIO(answer.data))
    (page,) = document.pages
    text = page.extract_text()
    assert "Concerns opened: 8" in text and "Self-harm or suicide" in text and "How much the service helped" in text
    assert f"{offered()[-1]:%B %Y}" in text
    places = []
    page.extract_text(visitor_text=lambda text, cm, tm, *font: places.append((tm[4], tm[5])) if text.strip() else None)
    assert len(places) > 100
    assert all(0 < x < float(page.mediabox.width) and 15 < y < float(page.mediabox.height) for x, y in places)
    assert sum(y < FOOT for _, y in places) == 1, "the line at the foot stands alone"


def test_no_text_in_a_cell_is_taken_for_a_formula(sign_in, concern, last_month):
    with unit_of_work() as session:
        for prison_id, name in (("LEI", '=HYPERLINK("http://x.example")'), ("HLI", "+cmd"), ("MDI", "@x\x1b[2J")):
            session.get_one(Prison, prison_id).name = name
    person = sign_in("LEI", "HLI", "MDI")

    lines = list(csv.reader(io.StringIO(get_file(person, "csv").data.decode("utf-8-sig"))))
    sheets = Document(io.BytesIO(get_file(person, "ods").data)).body.tables
    cells = [cell for line in lines for cell in line]
    cells += [value for sheet in sheets for row in sheet.get_values() for value in row if isinstance(value, str)]

    assert '\'=HYPERLINK("http://x.example")' in cells and "'+cmd" in cells
    assert not [one for one in cells if one[:1] in ("=", "+", "-", "@") or "\x1b" in one]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1"])
def test_a_cell_that_would_begin_a_formula_gets_an_apostrophe(text):
    assert cell(text)[0] in ("'", "\ufffd") and cell("HMP Leeds") == "HMP Leeds"


def test_looking_at_figures_is_a_row_in_the_log(sign_in, some, log):
    person = sign_in("LEI")
    person.get("/console/figures?prison=LEI")
    get_file(person, "csv")

    rows = log("staff:viewed_list")[-2:]
    assert [(row.details["list"], row.details["shown_as"], row.details["prison"]) for row in rows] == [
        ("figures", "page", "LEI"), ("figures", "csv", "")
    ]  # fmt: skip


def test_there_is_no_other_kind_of_file(sign_in):
    sign_in("LEI").get("/console/figures.exe", status=404)


def test_figures_count_whole_months_only(sign_in, concern):
    for _ in range(6):
        concern(opened_at=now())

    assert "Concerns opened: 0" in text_of(sign_in("LEI").get("/console/figures"))
