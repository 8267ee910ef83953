"""The documentation holds what it says: links lead somewhere, commands exist, queries run."""

import re
import subprocess
from pathlib import Path

import pytest
import typer
from sqlalchemy import text

from gateway.cli import app
from gateway.config import ROOT
from gateway.db import unit_of_work

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
# What must not stand in the repository: where packages come from is each installation's own business. In halves, so
# that this file does not hold them.
REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "npmjs" + ".com", "anaconda" + ".org"]
LARGEST_PICTURE = 150 * 1024


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def without_code(markdown: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", markdown, flags=re.DOTALL | re.MULTILINE)


def code(markdown: str, language: str = r"\w*") -> list[str]:
    """The blocks of code, those of one language if it is named."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", markdown, flags=re.DOTALL | re.MULTILINE)


def anchors(markdown: str) -> set[str]:
    """What a link may name behind #, made from headings as the usual viewers do."""
    headings = re.findall(r"^#+ (.*)$", without_code(markdown), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(markdown: str) -> list[str]:
    """Every link and picture that does not lead to another site."""
    found = re.findall(r"\]\(([^)\s]+)\)", without_code(markdown)) + re.findall(
        r'src="([^"]+)"', without_code(markdown)
    )
    return [link for link in found if not re.match(r"\w+:", link)]


def test_the_readme_is_short() -> None:
    assert len(read("README.md").splitlines()) <= 150


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    for link in links(read(name)):
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name

        assert target.exists(), f"{name} links to {path}, which is not there"
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), f"{name}: there is no #{anchor}"


@pytest.mark.parametrize("folder", ["docs/decisions", "docs/runbooks"])
def test_every_page_of_a_folder_is_on_its_list(folder: str) -> None:
    listed = set(links(read(f"{folder}/README.md")))

    assert {page.name for page in (ROOT / folder).glob("*.md")} - {"README.md"} <= listed


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        ahead += [page.parent / link.partition("#")[0] for link in links(page.read_text(encoding="utf-8"))]

    assert set(PAGES) <= seen


def test_pictures_are_light() -> None:
    pictures = [path for path in (ROOT / "docs").rglob("*") if path.suffix in (".png", ".jpg", ".gif")]

    assert pictures and all(path.stat().st_size <= LARGEST_PICTURE for path in pictures)


def commands(start: str) -> list[tuple[str, str]]:
    """What follows `start` on each line of code, with the page it stands on."""
    lines = [(name, line.strip()) for name in NAMES for block in code(read(name)) for line in block.splitlines()]
    return [(name, line.removeprefix(start)) for name, line in lines if line.startswith(start)]


def test_every_make_command_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.MULTILINE))
    named = {(name, line.split("#")[0].split()[0]) for name, line in commands("make ")}
    # In running text as well; `make PYTHON=… test` sets a variable first.
    named |= {(name, word) for name in NAMES for word in re.findall(r"`make (?:[A-Z]+=\S+ )?([a-z-]+)", read(name))}

    assert named and {(name, target) for name, target in named if target not in targets} == set()


def test_every_gateway_command_and_its_options_exist() -> None:
    named = commands(".venv/bin/gateway ") + [
        (name, line) for name in NAMES for line in re.findall(r"`(?:\.venv/bin/)?gateway ([a-z][^`]*)`", read(name))
    ]

    assert named
    for name, line in named:
        words = line.split("#")[0].split()
        command = typer.main.get_command(app)
        while (inner := getattr(command, "commands", {})) and words:
            word = words.pop(0)
            assert word in inner, f"{name}: gateway has no {word} in «{line}»"
            command = inner[word]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= known, f"{name}: {line}"


def test_every_setting_is_explained_for_operators() -> None:
    settings = re.findall(r"^([A-Z_]+)=", read(".env.example"), re.MULTILINE)

    assert [name for name in settings if f"`{name}`" not in read("docs/operating.md")] == []


def test_the_folders_that_the_readme_names_are_there() -> None:
    table = read("README.md").partition("## Where things are")[2].partition("## Read on")[0]
    first_cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = [name for cell in first_cells for name in re.findall(r"`([^`]+)`", cell)]

    assert len(named) > 10 and [name for name in named if not (ROOT / name).exists()] == []


def test_the_events_that_operators_watch_for_are_logged_somewhere() -> None:
    watched = re.findall(r"^\| `([a-z]+\.[a-z_]+)`", read("docs/operating.md"), re.MULTILINE)
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("gateway", "web", "actions", "bot/channels")
        for path in (ROOT / folder).rglob("*.py")
    )

    assert watched and [event for event in watched if f'"{event}' not in source] == []


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_names_where_packages_come_from() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    files = [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]

    found = [(path.name, host) for path in files for host in REGISTRIES if host in _text_of(path)]

    assert files and found == []


@pytest.mark.parametrize("query", [query for name in NAMES for query in code(read(name), "sql")])
def test_the_queries_in_the_docs_run(database: str, query: str) -> None:
    with unit_of_work() as session:
        session.execute(text(query))
