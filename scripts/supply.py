"""What the service is built of, and what is known against it: a bill of materials, and an audit.

python -m scripts.supply writes var/sbom-gateway.json and var/sbom-rasa.json (CycloneDX), then asks pip-audit about
every pinned requirement. Ends with 1 for a vulnerability that requirements/accepted-vulnerabilities.yml does not
accept. Where the audit cannot reach its source it says so, and that is no failure.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ENVIRONMENTS = {"gateway": ".venv/bin/python", "rasa": "bot/.venv/bin/python"}
AUDITED = ("gateway", "dev", "rasa")
ACCEPTED = ROOT / "requirements" / "accepted-vulnerabilities.yml"
SECONDS = 600


@dataclass(frozen=True)
class Known:
    """A vulnerability of a package that we pin."""

    file: str
    package: str
    id: str

    def __str__(self) -> str:
        return f"{self.id} in {self.package} (requirements/{self.file}.txt)"


class NotAudited(Exception):
    """The source of vulnerabilities could not be asked."""


def main() -> int:
    for name, python in ENVIRONMENTS.items():
        print(f"{write_sbom(name, python)} written.", flush=True)
    accepted = yaml.safe_load(ACCEPTED.read_text(encoding="utf-8"))["accepted"] or []
    problems = overdue(accepted, date.today())
    for file in AUDITED:
        try:
            found = audit(file)
        except NotAudited as error:
            print(f"requirements/{file}.txt was NOT audited: {error}", flush=True)
            continue
        new = [known for known in found if not is_accepted(known, accepted)]
        print(f"requirements/{file}.txt: {len(found)} known vulnerabilities, {len(new)} not accepted.", flush=True)
        problems += [f"{known}: bring in the release that mends it." for known in new]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


def write_sbom(name: str, python: str) -> Path:
    """The bill of materials of one environment. Raises CalledProcessError."""
    path = ROOT / "var" / f"sbom-{name}.json"
    path.parent.mkdir(exist_ok=True)
    options = ["environment", "--output-reproducible", "--output-format", "JSON", "--output-file", str(path), python]
    subprocess.run([BIN / "cyclonedx-py", *options], cwd=ROOT, check=True, timeout=SECONDS, capture_output=True)
    return path


def audit(file: str) -> list[Known]:
    """What is known against a requirement file's pins. Raises NotAudited."""
    options = ["--requirement", f"requirements/{file}.txt", "--disable-pip", "--format", "json"]
    try:
        done = subprocess.run(
            [BIN / "pip-audit", *options, "--progress-spinner", "off", "--timeout", "10"],
            cwd=ROOT, capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotAudited(f"no answer within {SECONDS} s.") from error
    return read(file, done.stdout, done.stderr)


def read(file: str, answer: str, said: str) -> list[Known]:
    """The findings in pip-audit's JSON. Raises NotAudited, also when it skipped packages and called that well.

    A mirror that gives packages but knows of no vulnerabilities makes pip-audit skip all of them and end with 0.
    """
    try:
        packages: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError) as error:
        raise NotAudited(f"{(said.strip().splitlines() or ['no answer'])[-1][:200]}") from error
    skipped = sum("skip_reason" in package for package in packages)
    if skipped == len(packages):
        raise NotAudited(f"the source answered for none of {skipped} packages.")
    if skipped:
        print(f"requirements/{file}.txt: {skipped} packages could not be audited.")
    return [Known(file, package["name"], one["id"]) for package in packages for one in package.get("vulns", [])]


def is_accepted(known: Known, accepted: list[dict[str, Any]]) -> bool:
    """Whether an entry of the file stands for it."""
    return any(entry["file"] == known.file and entry["id"] in (known.id, "all") for entry in accepted)


def overdue(accepted: list[dict[str, Any]], today: date) -> list[str]:
    """What is wrong with the entries themselves."""
    return [
        f"{entry['id']} ({entry['file']}) was to be looked at again by {entry['review_by']}."
        for entry in accepted
        if entry["review_by"] < today
    ]


if __name__ == "__main__":
    sys.exit(main())
