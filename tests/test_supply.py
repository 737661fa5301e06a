"""A fault, a secret: each is told, and fails the build."""

from pathlib import Path

import pytest

from tests import supply


def test_a_known_fault_fails_and_silence_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    fault = {"id": "PYSEC-2099-1", "fix_versions": ["2.0"]}
    packages = [
        {"name": "sound", "version": "1.0", "vulns": []},
        {"name": "unsound", "version": "1.0", "vulns": [fault]},
        {"name": "unknown", "skip_reason": "nobody knows"},
    ]
    assert supply.told(packages) == 1
    assert "unsound 1.0: PYSEC-2099-1" in capsys.readouterr().out
    assert supply.told([packages[0], packages[2]]) == 0
    assert "1 个依赖没有查成" in capsys.readouterr().out


def test_a_key_in_the_code_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "settings.py"
    file.write_text("PASSWORD = 'secret'\n")
    assert supply.secrets(tmp_path) == 0
    key = "AKIA" + "IOSFODNN7EXAMPLF"
    file.write_text(f"AW = '{key}'\nSECRET_KEY = 'hu7-gT9x{key[4:]}'\n")  # pragma: allowlist secret
    assert supply.secrets(tmp_path) == 1
    assert "settings.py:1" in capsys.readouterr().out


def test_the_bill_names_all_that_is_pinned() -> None:
    assert supply.sbom() == 0
    assert '"bomFormat": "CycloneDX"' in supply.SBOM.read_text(encoding="utf-8")
