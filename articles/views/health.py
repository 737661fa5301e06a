"""How the site is: alive, ready, and in figures. The last two are for those inside."""

import hmac
import ipaddress
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import Error, ProgrammingError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles import reading, replicas
from articles.models import Generation
from articles.reading import alias, connection
from articles.search.maintenance import is_in_step
from articles.seeing import figures, queries

# Below this a photo's upload or PostgreSQL's own housekeeping may fail any moment.
FREE_MEGABYTES = 256
MEGABYTE = 2**20

# What a check says: whether it is well (None: this process may not know), and more about it.
Said = tuple[bool | None, dict[str, object]]


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers. Asks nobody: killing it for its database helps no one."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether all is there that pages are made of, by name; 503 if something is not.

    Where there are replicas, on the server that pages are read from, and which servers are well.

    Four statements at most, and one look at every migration until all were found applied.
    """
    _inside_alone(request)
    checks: dict[str, Callable[[], Said]] = {
        "database": _database, "migrations": _migrations, "disk": _disk, "search": _search,
    }  # fmt: skip
    found = {name: _checked(check) for name, check in checks.items()}
    ready = all(well is not False for well, _ in found.values())
    request.META[reading.FAILED] = not ready  # another server may have it all
    said = {name: {"ok": well, **more} for name, (well, more) in found.items()}
    servers = {"servers": well} if (well := replicas.told()) else {}
    return JsonResponse({"ready": ready, **said, **servers}, status=200 if ready else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All processes' figures for Prometheus. One statement; without a database one figure less."""
    _inside_alone(request)
    gauges: dict[str, tuple[str, float]] = {}
    try:
        begun = Generation.objects.latest_begun()
    except Error as error:
        queries.failed(error)
    else:
        if begun:
            age = (datetime.now(UTC) - begun).total_seconds()
            gauges["xinwang_generation_age_seconds"] = ("Since content last changed.", age)
    return HttpResponse(
        figures.told(gauges), content_type="text/plain; version=0.0.4; charset=utf-8"
    )


def _inside_alone(request: HttpRequest) -> None:
    """404 for whoever comes from outside and has no token.

    Inside is who comes from this machine or network and not through a proxy: nginx always says
    for whom it asks, and refuses these addresses besides.
    """
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        well = hmac.compare_digest(given.encode(), token.encode())
    else:
        well = "X-Forwarded-For" not in request.headers and _is_near(request.META["REMOTE_ADDR"])
    if not well:
        raise Http404


def _is_near(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return address == ""  # a unix socket


def _checked(check: Callable[[], Said]) -> Said:
    """A check's answer; failing it is one, too."""
    try:
        return check()
    except ProgrammingError as error:
        # A public process may have a role that sees what is public and no more.
        denied = getattr(error.__cause__, "sqlstate", "") == "42501"
        return (None if denied else False), {"error": type(error).__name__}
    except (Error, OSError) as error:
        return False, {"error": type(error).__name__}


def _database() -> Said:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True, {}


_applied: set[str] = set()


def _migrations() -> Said:
    """Whether all of this code's migrations are applied; once they are, they stay so."""
    if not _applied:
        executor = MigrationExecutor(connections[alias()])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            return False, {"missing": len(missing)}
        _applied.add("all")
    return True, {}


def _disk() -> Said:
    """Room where photos, their renditions and link pictures are written, in megabytes."""
    try:
        folder = Path(default_storage.path(""))
    except NotImplementedError:  # not on a disk of ours (articles/objects.py)
        return None, {"elsewhere": True}
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // MEGABYTE
    return free >= FREE_MEGABYTES, {"free_megabytes": free}


def _search() -> Said:
    return is_in_step(), {}
