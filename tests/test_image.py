"""Dockerfile, compose.yaml and Prometheus's settings name what is there; nothing of them is run here."""

import ast
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from http_service import ScriptedModel, make_local_app, write_index

from service.__main__ import _parser
from service.http.chat import GRACE_SECONDS
from service.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
OURS = ("index.", "service.")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
PROMETHEUS = (ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
SCRAPE = yaml.safe_load(PROMETHEUS)["scrape_configs"]
SERVICE: dict[str, Any] = COMPOSE["services"]["dateline"]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with what follows each, continued lines joined."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined) if rest]


INSTRUCTIONS = instructions()
COPIED = sorted(
    {
        path
        for name, rest in INSTRUCTIONS
        if name == "COPY" and not rest.startswith("--from")
        for path in rest.split()[:-1]
    }
)
LAST_STAGE = INSTRUCTIONS[max(n for n, (name, _) in enumerate(INSTRUCTIONS) if name == "FROM") :]


def arguments(name: str) -> str:
    """What the last stage says after its one instruction of this name."""
    (found,) = [rest for each, rest in LAST_STAGE if each == name]
    return found


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets `path` into the build."""
    sent = True
    for pattern in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if pattern and not pattern.startswith("#"):
            wanted = pattern.removeprefix("!").removeprefix("**/")
            places = [path, *map(str, PurePosixPath(path).parents), PurePosixPath(path).name]
            if any(fnmatch(place, wanted) for place in places if place != "."):
                sent = pattern.startswith("!")
    return sent


@pytest.mark.parametrize("path", COPIED)
def test_what_the_image_copies_is_there_and_sent(path: str) -> None:
    assert (ROOT / path).exists()
    assert is_sent(path)


def test_nothing_else_is_sent() -> None:
    used = {path.partition("/")[0] for path in COPIED}
    assert used == {"articles", "index", "prompts", "requirements.lock", "service"}
    assert {path.name for path in ROOT.iterdir() if is_sent(path.name)} == used
    assert not is_sent("service/__pycache__")


def test_the_model_is_converted_with_as_much_code_as_that_takes() -> None:
    modules = {path for path in COPIED if path.endswith(".py")}
    assert "service/conversion.py" in modules
    for path in modules:
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
                assert f"{(node.module or '').replace('.', '/')}.py" in modules, path


def test_every_stage_that_is_copied_from_is_there() -> None:
    stages = {rest.rpartition(" AS ")[2] for name, rest in INSTRUCTIONS if name == "FROM"}
    used = set(re.findall(r"--from=(\S+)", DOCKERFILE)) | set(
        re.findall(r"^FROM ([a-z]+) AS", DOCKERFILE, re.MULTILINE)
    )
    assert used
    assert used <= stages


def test_the_environment_comes_before_the_code() -> None:
    copies = [rest for name, rest in LAST_STAGE if name == "COPY"]
    assert ["--from" in rest for rest in copies] == sorted(
        ("--from" in rest for rest in copies), reverse=True
    )


def test_torch_is_the_same_one_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (torch,) = [one for one in project["dependencies"] if one.startswith("torch==")]
    assert torch in DOCKERFILE
    assert torch in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_setting_that_is_named_is_one() -> None:
    for name in ("Dockerfile", "compose.yaml", "README.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        named = {each.lower() for each in re.findall(rf"\b{PREFIX}([A-Z_]+)\b", text)}
        assert named <= set(Settings.model_fields), name


def test_the_image_starts_the_service_as_nobody_special() -> None:
    command = yaml.safe_load(arguments("CMD"))
    assert command[:3] == ["python", "-m", "service"]
    options = _parser().parse_args(command[3:])
    assert str(options.port) == arguments("EXPOSE")
    assert options.host == "0.0.0.0"
    assert arguments("USER").isdecimal()
    assert arguments("USER") != "0"
    assert f"--uid {arguments('USER')}" in arguments("RUN")


def test_the_volume_holds_the_data_and_not_the_model() -> None:
    app = PurePosixPath(arguments("WORKDIR"))
    volume = PurePosixPath(arguments("VOLUME"))
    weights = re.findall(rf"{PREFIX}WEIGHTS=(\S+)", arguments("ENV"))
    settings = Settings(weights=weights[0])
    assert app / settings.data == volume
    assert (app / settings.index).is_relative_to(volume)
    assert not (app / settings.weights_folder).is_relative_to(volume)


def test_the_health_check_and_prometheus_ask_for_what_is_served(tmp_path: Path) -> None:
    paths = make_local_app(write_index(tmp_path), ScriptedModel()).openapi()["paths"]
    (asked,) = re.findall(r"request\('GET', '([^']+)'\)", arguments("HEALTHCHECK"))
    assert asked in paths
    (job,) = SCRAPE
    assert job.get("metrics_path", "/metrics") in paths
    assert f"'127.0.0.1', {arguments('EXPOSE')}" in arguments("HEALTHCHECK")


def test_prometheus_asks_the_service_of_the_composition() -> None:
    (job,) = SCRAPE
    ((target,),) = [each["targets"] for each in job["static_configs"]]
    host, port = target.split(":")
    assert COMPOSE["services"][host] == SERVICE
    assert port == arguments("EXPOSE")


def test_the_composition_keeps_what_has_to_be_kept() -> None:
    for service in COMPOSE["services"].values():
        for volume in service["volumes"]:
            source, place = volume.split(":")[:2]
            assert place.startswith("/")
            assert (
                (ROOT / source).is_dir() if source.startswith(".") else source in COMPOSE["volumes"]
            )
    assert SERVICE["volumes"] == [f"dateline:{arguments('VOLUME')}"]


def test_the_composition_is_for_this_machine_alone() -> None:
    """A service without keys is published on loopback; opening it is the operator's step."""
    for service in COMPOSE["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert SERVICE["ports"][0].endswith(f":{arguments('EXPOSE')}")


def test_the_service_has_time_to_end() -> None:
    assert float(SERVICE["stop_grace_period"].removesuffix("s")) > GRACE_SECONDS + 2


def test_a_key_for_prometheus_is_one_line_away() -> None:
    opened = re.sub(r"# (authorization: )", r"\1", PROMETHEUS)
    (job,) = yaml.safe_load(opened)["scrape_configs"]
    assert job["authorization"] == {"credentials_file": "key"}
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/prometheus/key", f"/{SERVICE['env_file'][0]['path']}"} <= set(ignored)
