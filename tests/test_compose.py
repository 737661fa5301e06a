"""The Compose files: whole, one fitting on the other, and naming only settings that there are."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.serving import ROOT

ONE, SCALED = "compose.yaml", "deploy/compose.scaled.yaml"
# What Compose reads itself, for images and interpolation.
COMPOSES_OWN = {"HTTP_PORT", "POSTGRES_PASSWORD", "REPLICATION_PASSWORD", "REQUIREMENTS"}


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return found


def settings() -> set[str]:
    """Every name that xinwang/env.py reads."""
    code = (ROOT / "xinwang" / "env.py").read_text(encoding="utf-8")
    return set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', code))


def test_every_setting_is_passed_on_that_is_not_the_containers_own() -> None:
    passed = set(read(ONE)["services"]["app"]["environment"])
    left = {"CARD_FONT", "DEBUG", "HOST", "PORT", "VAR_DIR"}
    assert passed == settings() - left


@pytest.mark.parametrize("name", [ONE, SCALED])
def test_what_is_asked_of_the_operator_is_in_the_example(name: str) -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", (ROOT / name).read_text(encoding="utf-8")))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert asked <= settings() | COMPOSES_OWN
    assert not {each for each in asked if not re.search(rf"^#?{each}=", example, re.MULTILINE)}


def test_the_scaled_file_fits_on_the_other() -> None:
    one, scaled = read(ONE), read(SCALED)
    services = one["services"] | scaled["services"]
    for name, service in scaled["services"].items():
        assert set(service.get("depends_on", {})) <= set(services), name
        for config in service.get("configs", []):
            assert config["source"] in scaled["configs"], name
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in scaled["volumes"], name
    replicas = [name for name, service in services.items() if "entrypoint" in service]
    urls = scaled["services"]["app"]["environment"]["REPLICA_URLS"]
    assert [f"@{name}:5432/xinwang" in urls for name in replicas] == [True, True]
    own = {tuple(services[name]["volumes"]) for name in replicas}
    assert len(own) == len(replicas)
    assert set(scaled["configs"]) & set(one["configs"]) == {"upstream"}


def test_nginx_is_told_the_same_as_by_hand() -> None:
    def said(text: str) -> set[str]:
        lines = re.sub(r"#.*", "", text).splitlines()
        kept = {re.sub(r"server [\w.]+:8000", "server", line.strip()) for line in lines}
        return kept - {""}

    by_hand = (ROOT / "deploy" / "nginx-upstreams.conf").read_text(encoding="utf-8")
    assert said(read(SCALED)["configs"]["upstream"]["content"]) == said(by_hand)


@pytest.mark.parametrize("script", ["replicate", "replication"])
def test_the_scripts_within_are_scripts(script: str) -> None:
    content = read(SCALED)["configs"][script]["content"].replace("$$", "$")
    assert "$" not in re.sub(r"\$[A-Z]+", "", content)
    bash = shutil.which("bash")
    assert bash
    subprocess.run([bash, "-n"], input=content, text=True, check=True)
