"""What happens before Django starts: one database, one secret key, or one clear sentence."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scratch import scratch
from xinwang import embedded, env
from xinwang.embedded import Cluster

ROOT = os.geteuid() == 0
# Nobody's number, the server's account's neither.
SOMEBODY = 54321
ELSEWHERE = "postgresql://news@db.example/xinwang"
PREPARE = "from xinwang import entry\nprint(entry.prepare().secret_key)"
PREPARE_AS_SOMEBODY = f"""
import os
from xinwang import entry
os.setgroups([])
os.setgid({SOMEBODY})
os.setuid({SOMEBODY})
entry.prepare()
"""


def environment_of(var_dir: Path, **given: str) -> dict[str, str]:
    """A process's environment that no `.env` and no running test changes."""
    return {
        **os.environ,
        "VAR_DIR": str(var_dir),
        "DATABASE_URL": "",
        "SECRET_KEY": "",
        "PYTHONDONTWRITEBYTECODE": "1",
        **given,
    }


def run(*command: str, var_dir: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """What a Python process of the project does to its end."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=env.BASE_DIR,
        env=environment_of(var_dir, **given),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """Everything that a site of its own keeps."""
    with scratch() as folder:
        yield folder / "var"


def test_the_secret_key_is_made_once_and_kept_for_its_owner(var_dir: Path) -> None:
    first = run("-c", PREPARE, var_dir=var_dir, DATABASE_URL=ELSEWHERE)
    assert first.returncode == 0, first.stderr
    assert len(first.stdout.strip()) >= 50
    assert (var_dir / "secret-key").stat().st_mode & 0o777 == 0o600
    assert run("-c", PREPARE, var_dir=var_dir, DATABASE_URL=ELSEWHERE).stdout == first.stdout


def test_a_key_in_the_environment_is_written_nowhere(var_dir: Path) -> None:
    done = run("-c", PREPARE, var_dir=var_dir, DATABASE_URL=ELSEWHERE, SECRET_KEY="given")
    assert done.stdout == "given\n"
    assert not var_dir.exists()


def test_an_empty_key_file_is_filled(var_dir: Path) -> None:
    var_dir.mkdir()
    (var_dir / "secret-key").touch(mode=0o600)
    done = run("-c", PREPARE, var_dir=var_dir, DATABASE_URL=ELSEWHERE)
    assert len(done.stdout.strip()) >= 50
    assert (var_dir / "secret-key").read_text() == done.stdout.strip()


def test_processes_that_start_together_agree_on_one_key(var_dir: Path) -> None:
    # All wait for the starting shot, then ask as often as it takes for two to meet.
    shoot = """
import sys
from pathlib import Path
from xinwang import entry
print("ready", flush=True)
sys.stdin.readline()
for number in range(200):
    print(entry._kept_secret_key(Path(sys.argv[1]) / str(number)))
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", shoot, str(var_dir)],
            cwd=env.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    keys = [process.communicate()[0].split() for process in processes]
    assert keys[0] == keys[1] == keys[2] == keys[3]
    assert len(set(keys[0])) == 200
    assert min(map(len, keys[0])) >= 50


@pytest.mark.process
def test_without_a_database_one_is_started_and_handed_on(var_dir: Path) -> None:
    code = """
import os, psycopg
from xinwang import entry
environment = entry.prepare()
print(environment.database["NAME"], environment.database["OPTIONS"]["host"])
print(psycopg.connect(os.environ["DATABASE_URL"]).execute("SELECT current_database()").fetchone())
"""
    done = run("-W", "ignore", "-c", code, var_dir=var_dir)
    assert done.returncode == 0, done.stderr
    host = Cluster(var_dir / "postgres").socket_dir
    assert done.stdout.splitlines() == [f"xinwang {host}", "('xinwang',)"]
    assert not (var_dir / "postgres" / "data" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("-c", PREPARE),
        ("manage.py", "migrate"),
        ("manage.py", "collectstatic", "--noinput"),
        ("-m", "xinwang.run"),
    ],
    ids=["entry", "manage", "manage without a database", "run"],
)
def test_a_wrong_environment_ends_in_sentences(var_dir: Path, command: tuple[str, ...]) -> None:
    done = run(*command, var_dir=var_dir, PORT="八千", LOG_LEVEL="loud")
    assert done.returncode == 1
    assert sorted(done.stderr.removeprefix("信网无法启动：").splitlines()) == [
        "LOG_LEVEL 只能是 DEBUG、INFO、WARNING、ERROR 之一，现在是“loud”",
        "PORT 应是整数，现在是“八千”",
    ]
    assert not var_dir.exists()


def test_commands_that_need_no_database_start_none(var_dir: Path) -> None:
    done = run("manage.py", "version", var_dir=var_dir)
    assert done.returncode == 0, done.stderr
    assert not var_dir.exists()


@pytest.mark.skipif(not ROOT, reason="takes root and somebody else")
@pytest.mark.parametrize("database", ["", ELSEWHERE], ids=["own database", "another database"])
def test_somebody_else_in_roots_directory_is_told_so(var_dir: Path, database: str) -> None:
    embedded._let_through(var_dir)  # so that the closed directory is ours
    assert run("-c", PREPARE, var_dir=var_dir, DATABASE_URL=ELSEWHERE).returncode == 0
    if not database:
        (var_dir / "postgres.turn.lock").touch()
    done = run("-c", PREPARE_AS_SOMEBODY, var_dir=var_dir, DATABASE_URL=database)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("信网无法启动：")
    assert str(var_dir) in sentence


@pytest.mark.skipif(ROOT, reason="nothing is closed to root")
@pytest.mark.parametrize("database", ["", ELSEWHERE], ids=["own database", "another database"])
def test_a_directory_that_is_closed_to_us_is_told(var_dir: Path, database: str) -> None:
    var_dir.mkdir(mode=0o500)
    done = run("-c", PREPARE, var_dir=var_dir, DATABASE_URL=database)
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("信网无法启动：")
    assert str(var_dir) in sentence
