"""The images and docker/compose.yml: sound by their own rules, in step with the code, and closed to the outside."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.cli import app
from gateway.commands import rasa as rasa_command
from gateway.config import ROOT

DOCKER = ROOT / "docker"
IMAGES = sorted(path.name.removesuffix(".Dockerfile") for path in DOCKER.glob("*.Dockerfile"))
TOOLS = Path(sys.executable).parent
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
GROUPS = {group.name for group in app.registered_groups}


def dockerfile(image: str) -> str:
    """A Dockerfile without its comments and with its continued lines joined."""
    text = (DOCKER / f"{image}.Dockerfile").read_text(encoding="utf-8")
    return re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")


def instructions(image: str, name: str) -> list[str]:
    """What follows each instruction of that name."""
    return re.findall(rf"^{name}\s+(.*)$", dockerfile(image), re.MULTILINE)


def last_stage(image: str) -> str:
    return dockerfile(image).rpartition("\nFROM ")[2]


def environment_of(image: str) -> dict[str, str]:
    return dict(re.findall(r"([A-Z_]+)=(\S+)", " ".join(re.findall(r"^ENV (.*)$", last_stage(image), re.MULTILINE))))


def copied(image: str) -> list[str]:
    """What an image takes from the repository, as patterns."""
    copies = [line for line in instructions(image, "COPY") if not line.startswith("--from")]
    return [source for line in copies for source in line.split()[:-1]]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))


def test_there_is_one_image_for_each_process_of_the_procfile() -> None:
    processes = re.findall(r"^(\w+):", (ROOT / "Procfile").read_text(), re.MULTILINE)

    assert sorted(processes) == IMAGES


@pytest.mark.parametrize("image", IMAGES)
def test_the_linter_finds_nothing_to_say(image: str) -> None:
    done = subprocess.run([TOOLS / "hadolint", DOCKER / f"{image}.Dockerfile"], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, "")


def test_compose_keeps_to_its_schema() -> None:
    check = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DOCKER / "compose.yml"]

    assert subprocess.run(check, capture_output=True).returncode == 0


@pytest.mark.parametrize("image", IMAGES)
def test_packages_are_installed_by_hash_and_the_base_has_a_version(image: str) -> None:
    bases = [line.split()[0] for line in instructions(image, "FROM")]

    assert len(bases) == 2, "one stage installs, the other runs"
    assert all(re.fullmatch(r"python:3\.1[01]-slim-\w+", base) for base in bases)
    assert "--require-hashes" in dockerfile(image)
    assert "apt" not in dockerfile(image)


def test_web_worker_watcher_and_actions_install_alike() -> None:
    def first(image: str) -> str:
        return dockerfile(image).partition("FROM ")[2].partition("\nFROM ")[0]

    # So they share the layer, and scripts/check_images.sh tries it once.
    assert first("web") == first("worker") == first("watcher") == first("actions")


@pytest.mark.parametrize("image", IMAGES)
def test_everything_copied_is_in_the_repository(image: str) -> None:
    # The model is made by `make train`; it is not committed.
    missing = [source for source in copied(image) if source != "models/gateway.tar.gz" and not list(ROOT.glob(source))]

    assert missing == []


@pytest.mark.parametrize("image", IMAGES)
def test_everything_copied_has_the_same_place_in_the_image(image: str) -> None:
    for line in instructions(image, "COPY"):
        *sources, place = line.split()
        if not line.startswith(("--from", "requirements/")):
            places = {source if source == place else str(Path(source).parent) for source in sources}
            assert places == {place if place in sources else str(Path(place))}, line


@pytest.mark.parametrize("image", IMAGES)
def test_everything_copied_gets_past_dockerignore_and_nothing_secret_does(image: str) -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}

    assert lines[0] == "*"
    assert set(copied(image)) <= let_in
    assert not any(".env" in name or name.startswith("var") for name in let_in)
    assert {"bot/.venv", "**/__pycache__"} <= set(lines)


@pytest.mark.parametrize("image", IMAGES)
def test_nothing_runs_as_root(image: str) -> None:
    user = re.findall(r"^USER (\S+)$", last_stage(image), re.MULTILINE)

    assert user == ["10001:10001"]
    assert last_stage(image).index("USER") > last_stage(image).rindex("COPY")


def test_no_container_of_compose_runs_as_root_or_may_become_it(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert "build" in service or service["user"] not in ("root", "0", "0:0"), name
        assert service["cap_drop"] == ["ALL"] and "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name
        assert not service.get("privileged"), name


def test_only_web_publishes_a_port_and_only_who_must_sees_the_outside(compose: dict[str, Any]) -> None:
    services = compose["services"]

    assert [name for name, service in services.items() if "ports" in service] == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in services["web"]["ports"]), "https is the business of a proxy"
    assert {name for name, service in services.items() if "outside" in service["networks"]} == {
        "web",
        "worker",
        "watcher",
    }
    assert not any("network_mode" in service for service in services.values())
    assert compose["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("image", IMAGES)
def test_every_image_says_whether_it_is_well(image: str) -> None:
    assert len(re.findall(r"^HEALTHCHECK ", last_stage(image), re.MULTILINE)) == 1


def test_whoever_depends_on_a_service_waits_until_it_is_well(compose: dict[str, Any]) -> None:
    waits = {name: service.get("depends_on", {}) for name, service in compose["services"].items()}

    assert all(set(on) <= set(compose["services"]) for on in waits.values())
    for name in ("rasa", "actions", "worker", "web", "watcher"):
        assert waits[name]["migrate"] == {"condition": "service_completed_successfully"}
        assert waits[name]["database"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("image", [image for image in IMAGES if image != "rasa"])
def test_each_image_starts_a_command_that_exists(image: str) -> None:
    assert instructions(image, "ENTRYPOINT") == ['["python", "-m", "gateway"]']
    assert instructions(image, "CMD")[-1] == f'["{image}"]'
    assert image in COMMANDS


def test_the_commands_in_compose_exist(compose: dict[str, Any]) -> None:
    lines = [" ".join(service.get("command", [])) for service in compose["services"].values()]
    named = re.findall(r"python -m gateway (\w+)", " ".join(lines))

    assert named == ["migrate", "prisons"]
    assert set(named) <= COMMANDS | GROUPS


@pytest.fixture
def as_the_command_runs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    """The options and the variables with which `gateway rasa` would start Rasa."""
    seen: list[tuple[list[str], dict[str, str]]] = []
    (tmp_path / "model").touch()
    monkeypatch.setattr(rasa_command, "MODEL", tmp_path / "model")
    monkeypatch.setattr(rasa_command, "database_url", lambda: "postgresql://gateway@database/gateway")
    monkeypatch.setattr(os, "chdir", lambda path: None)
    monkeypatch.setattr(os, "execve", lambda path, argv, values: seen.append((argv, values)))
    before = dict(os.environ)
    rasa_command.rasa()
    ((argv, values),) = seen
    return argv, {name: value for name, value in values.items() if before.get(name) != value}


def test_rasas_image_runs_what_the_command_runs(as_the_command_runs_it: tuple[list[str], dict[str, str]]) -> None:
    argv, _ = as_the_command_runs_it
    in_image = re.findall(r'"([^"]+)"', last_stage("rasa").rpartition("\nCMD ")[2])

    assert in_image[:2] == ["rasa", "run"]
    assert [word for word in in_image if word.startswith("--")] == [word for word in argv if word.startswith("--")]
    assert in_image[-4:] == argv[-4:] == ["--credentials", "credentials.yml", "--endpoints", "endpoints.yml"]


def test_rasas_container_has_the_variables_that_the_command_sets(
    compose: dict[str, Any], as_the_command_runs_it: tuple[list[str], dict[str, str]]
) -> None:
    _, wanted = as_the_command_runs_it
    given = environment_of("rasa") | compose["services"]["rasa"]["environment"]

    assert wanted | {"ACTIONS_URL": "http://actions:5055"} == {name: given.get(name) for name in wanted}
    assert {"RASA_TRACKER_URL", "RASA_TELEMETRY_ENABLED", "LOG_LEVEL"} <= set(wanted)


def test_web_worker_and_watcher_are_given_every_setting_of_env_example(compose: dict[str, Any]) -> None:
    settings = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    for name in ("web", "worker", "watcher"):
        given = set(compose["services"][name]["environment"]) | set(environment_of(name))
        assert settings - given <= {"VAR_DIR", "WEB_HOST", "WEB_PORT"}, name


def test_no_secret_stands_in_a_file_and_none_goes_where_it_is_not_needed(compose: dict[str, Any]) -> None:
    secrets = (
        "SECRET_KEY",
        "DATA_KEYS",
        "PGPASSWORD",
        "POSTGRES_PASSWORD",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_AUTH_TOKEN_PREVIOUS",
        "SMTP_URL",
    )

    for name, service in compose["services"].items():
        given = service.get("environment", {})
        assert all(given[secret].startswith("${") for secret in secrets if secret in given), name
        if name not in ("web", "worker", "watcher"):
            assert not {"TWILIO_AUTH_TOKEN", "SMTP_URL", "DEADMAN_URL", "ALARM_URL"} & set(given), name
    assert not {"SECRET_KEY", "DATA_KEYS"} & set(compose["services"]["rasa"]["environment"])
    assert not any(secret in environment_of(image) for image in IMAGES for secret in secrets)


IMPORTS = {
    "web": "import gateway.cli, gateway.commands.web_server, web; web.create_app()",
    "worker": "import gateway.cli; from gateway import jobs; jobs.app()",
    "watcher": "import gateway.cli; from gateway.path import checks; assert checks.all_checks()",
    "actions": (
        "import gateway.cli; from rasa_sdk.executor import ActionExecutor; found = ActionExecutor(); "
        "found.register_package('actions'); assert found.actions"
    ),
}
READS = """
from gateway import wording
from gateway.concerns.people import person_words
from gateway.prisons.names import name_rules
from gateway.routing.routes import routing
wording.say('chat.holding'), person_words(), name_rules(), routing()
"""
# What is installed for development would fill any gap, so it is put out of reach.
ALONE = "import sys; sys.meta_path = [finder for finder in sys.meta_path if 'editable' not in str(finder)]; "


@pytest.mark.parametrize("image", IMPORTS)
def test_an_image_holds_all_that_its_process_imports_and_reads(image: str, tmp_path: Path) -> None:
    for line in (line for line in instructions(image, "COPY") if not line.startswith("--from")):
        *sources, place = line.split()
        for source in (found for pattern in sources for found in ROOT.glob(pattern)):
            target = tmp_path / place / source.name if place.endswith("/") else tmp_path / place
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    values = {"DATABASE_URL": "postgresql://nowhere/x"} | {
        name: os.environ[name] for name in ("SECRET_KEY", "DATA_KEYS", "PATH")
    }

    done = subprocess.run(
        [sys.executable, "-c", ALONE + IMPORTS[image] + READS], cwd=tmp_path, env=values, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
