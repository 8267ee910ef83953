"""`gateway doctor`: is this installation fit to be relied on?"""

from collections.abc import Iterator
from dataclasses import dataclass

import typer

from gateway.commands import checks
from gateway.commands.findings import Finding
from gateway.config import settings

MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


@dataclass(frozen=True)
class Summary:
    """How many findings there were of the kinds that matter."""

    warnings: int
    failures: int


def doctor() -> None:
    """Look at the settings, the database, the files and the running processes. Ends with 1 when something fails."""
    settings()
    summary = _show(checks.all_of_them())
    if summary.failures:
        typer.echo(f"\n{summary.failures} failed. Families cannot rely on this installation until that is put right.")
        raise typer.Exit(1)
    typer.echo("\nNothing failed." + (f" {summary.warnings} to look at before real use." if summary.warnings else ""))


def _show(findings: Iterator[Finding]) -> Summary:
    counts = dict.fromkeys(MARKS, 0)
    for finding in findings:
        counts[finding.level] += 1
        typer.echo(f"{MARKS[finding.level]}  {finding.text}")
    return Summary(counts["warn"], counts["fail"])
