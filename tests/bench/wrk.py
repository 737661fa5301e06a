"""wrk (Debian): a load of 16 connections by one thread, and what it says of it."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.serving import needed

CONNECTIONS = 16
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_FAULTS = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")


@dataclass(frozen=True)
class Load:
    """Answers a second, and how long they took, in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


# An answer that takes long on a busy machine is one all the same; its time says so.
PATIENCE_SECONDS = 30
_ASK = """
local paths = {{}}
for path in io.lines("{paths}") do paths[#paths + 1] = path end
math.randomseed(7)
wrk.headers["Accept-Encoding"] = "{encoding}"
request = function() return wrk.format("GET", paths[math.random(#paths)]) end
"""


def script(folder: Path, name: str, paths: Sequence[str], encoding: str) -> Path:
    """A script that asks for these paths at random, packed so; its files are in the folder."""
    listed, written = folder / f"{name}.txt", folder / f"{name}.lua"
    listed.write_text("\n".join(paths))
    written.write_text(_ASK.format(paths=listed, encoding=encoding))
    return written


class Faulty(Exception):
    """Some answers were no answers; nothing that was measured counts."""


def wrk(port: int, script: Path, seconds: int, connections: int = CONNECTIONS) -> Load:
    """Ask as the script says, for some seconds. Raises Faulty; Missing where there is no wrk."""
    said = subprocess.run(
        [needed("wrk", "wrk"), "-t1", f"-c{connections}", f"-d{seconds}", "--latency",
         "--timeout", f"{PATIENCE_SECONDS}s", "-s", str(script), f"http://127.0.0.1:{port}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    fault = _FAULTS.search(said)
    if fault:
        raise Faulty(f"{script.name}: {fault[0]}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if not rate:
        raise Faulty(said)
    return Load(float(rate[1]), _percentile(said, 50), _percentile(said, 99))


def _percentile(said: str, which: int) -> float:
    match = re.search(rf"{which}%\s+([\d.]+)(us|ms|s)", said)
    if not match:
        raise Faulty(said)
    return float(match[1]) * _MILLISECONDS[match[2]]
