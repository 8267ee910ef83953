"""`gateway audit`: does the gateway log stand as it was written?"""

import time
from pathlib import Path

import typer

from gateway.commands.errors import WRONG, stop
from gateway.config import settings
from gateway.db import unit_of_work

app = typer.Typer(help="Does the gateway log stand as it was written?", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Does the gateway log stand as it was written?"""


@app.command("verify")
def verify(
    anchors: Path = typer.Option(None, "--anchors", metavar="FILE", help="Anchors, instead of those of ANCHOR_FILE."),
) -> None:
    """Read the whole log and name every fault. Ends with 1 when there is any."""
    from gateway.audit.anchors import read
    from gateway.audit.reading import rows
    from gateway.audit.verify import verify as verify_rows

    file = anchors or settings().anchor_file
    if anchors and not anchors.is_file():
        stop(f"There is no file {anchors}.", WRONG)
    known = list(read(file)) if file.is_file() else []  # before the rows, or the last anchor could be ahead of them
    began = time.perf_counter()
    with unit_of_work() as session:
        report = verify_rows(rows(session), known, settings().chain_key)
    took = time.perf_counter() - began
    typer.echo(
        f"{report.count} rows up to position {report.last}, from {report.first_at or 'never'} to "
        f"{report.last_at or 'never'}, and {report.anchors} anchors in {took:.2f} s "
        f"({report.count / took:.0f} a second)."
    )
    if not known:
        typer.echo(f"There are no anchors in {file}: nobody can tell whether the end of the log was cut off.", err=True)
    for fault in report.faults:
        typer.echo(str(fault))
    if report.faults:
        raise typer.Exit(1)
    typer.echo("Nothing is wrong with what could be checked.")


@app.command("export")
def export(file: Path = typer.Argument(..., help="Where to write it. A file that is there is overwritten.")) -> None:
    """Write the log as JSON Lines, for scripts/verify_log.py. It names people by number only."""
    from gateway.audit.chain import canonical
    from gateway.audit.reading import rows

    count = 0
    try:
        with unit_of_work() as session, file.open("w", encoding="utf-8") as opened:
            for count, row in enumerate(rows(session), start=1):  # noqa: B007
                # The row as it is hashed, to the letter: who checks it need not make it anew.
                opened.write(f'{{"hash":"{row[9]}","hmac":"{row[10]}","row":{canonical(row[:9])}}}\n')
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}.")
    typer.echo(f"{count} rows are written to {file}.")


@app.command("anchor")
def anchor() -> None:
    """Write an anchor now, to each place that is set, as the worker does every five minutes."""
    from gateway.audit.jobs import anchor_now

    if failed := anchor_now():
        stop(f"The anchor did not get to {' or '.join(failed)}. The log on stderr says why.")
    typer.echo(f"The anchor is in {settings().anchor_file}" + (" and where else it goes." if _elsewhere() else "."))


def _elsewhere() -> bool:
    return bool(settings().anchor_email or settings().anchor_url)


@app.command("key")
def key() -> None:
    """Show the key that seals the log, for scripts/verify_log.py --key. Who has it can make a log that looks true."""
    typer.echo(settings().chain_key.decode())
