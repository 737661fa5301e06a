"""What the project is made of, and whether any of it is known to be faulty or should be secret.

`make advisories`, `make secrets` and `make sbom` run this; so does .ci/run.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
SBOM = ROOT / "var" / "sbom.json"
PINNED = ROOT / "requirements.txt"
# Made by programs and full of hashes, or made of prose; nothing is typed in there.
_NOT_TYPED = r"^(?:fixtures/|locale/|requirements.*\.txt|.*package-lock\.json|.*\.svg)"
# What stands for a password in examples and tests, and is none.
_STAND_INS = (
    r"^(?:secret|password|pass|se%23cr%2Fet|bench|nobody logs in here|a long password|geheim"
    r"|hai-feng-cong-qian-hai-lai|海边的栈桥一二三)$"
)


def advisories() -> int:
    """Ask PyPI for known faults of what is pinned: 1 if there is one, 0 if nobody can say."""
    done = subprocess.run(
        [BIN / "pip-audit", "-r", PINNED, "--disable-pip", "--progress-spinner", "off",
         "--format", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print(f"没有查成已知漏洞（{(done.stderr.strip().splitlines() or ['?'])[-1][:200]}）")
        return 0
    return told(packages)


def told(packages: list[dict[str, Any]]) -> int:
    """Say what was found in pip-audit's answer, a line a fault; 1 if anything was."""
    faults = [
        f"{package['name']} {package['version']}: {fault['id']}，已修复于 {fault['fix_versions']}"
        for package in packages
        for fault in package.get("vulns", [])
    ]
    unknown = sum("skip_reason" in package for package in packages)
    print("\n".join(faults) or f"查了 {len(packages) - unknown} 个依赖，没有已知漏洞")
    if unknown:
        print(f"{unknown} 个依赖没有查成：这个软件包索引不提供漏洞数据")
    return 1 if faults else 0


def secrets(folder: Path = ROOT) -> int:
    """Look for passwords, keys and tokens in what git keeps, or in another folder; 1 if one is.

    A line that has to stand says `# pragma: allowlist secret`.
    """
    done = subprocess.run(
        [BIN / "detect-secrets", "scan", "--no-verify", "--exclude-files", _NOT_TYPED,
         "--exclude-secrets", _STAND_INS, *(() if folder == ROOT else ("--all-files",))],
        capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    found = [
        f"{name}:{one['line_number']}: {one['type']}"
        for name, ones in json.loads(done.stdout)["results"].items()
        for one in ones
    ]
    print("\n".join(found) or "没有发现写在代码里的密码或密钥")
    return 1 if found else 0


def sbom() -> int:
    """Write the pinned packages with their hashes as CycloneDX (validated) into var/sbom.json."""
    SBOM.parent.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", PINNED,
         "--pyproject", ROOT / "pyproject.toml", "--output-reproducible", "--validate",
         "--output-format", "JSON", "--output-file", SBOM],
        check=False,
    )  # fmt: skip
    if done.returncode:
        return done.returncode
    named = {part["name"] for part in json.loads(SBOM.read_text())["components"]}
    pinned = set(re.findall(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==", PINNED.read_text(), re.MULTILINE))
    print(f"{SBOM.relative_to(ROOT)}：{len(named)} 个组件")
    return 0 if named == pinned else 1


COMMANDS: Mapping[str, Callable[..., int]] = {
    "advisories": advisories,
    "secrets": secrets,
    "sbom": sbom,
}

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]]())
