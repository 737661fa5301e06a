"""How the database's servers are, as far as this process knows, and whom to read from.

How far a replica is behind can't be seen at the replica: one that is cut off from the primary has
replayed all that it got. So the primary's place in its log (WAL) is noted a few times a second, and
a replica is good if it has replayed what the primary had written REPLICA_LAG_SECONDS before. Clocks
of other machines play no part. While the primary is away nothing is written, and what was known of
the replicas last holds.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from articles.reading import PRIMARY

# Each server is asked so often.
ASK_EVERY_SECONDS = 0.2
# Who hasn't answered for so long is asked nothing else.
QUIET_SECONDS = 0.75
# And whoever waits for it waits no longer.
GIVEN_UP_SECONDS = 3.0


class Told(NamedTuple):
    """What a server has said of itself.

    `position`: how many bytes of the log it has replayed, or the primary has on its disk.
    `standing`: what pages that are read from it from now on are made of, at least.
    """

    position: int
    is_replica: bool
    standing: Hashable


@dataclass
class _Server:
    told: Told | None = None
    heard_at: float = float("-inf")
    failed: bool = False


class Servers:
    """The primary and the replicas, by their names in settings.DATABASES."""

    def __init__(
        self,
        replicas: Sequence[str],
        lag_seconds: float,
        first: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Processes that differ in `first` prefer different replicas, each always the same."""
        turn = first % len(replicas)
        self._replicas = [*replicas[turn:], *replicas[:turn]]
        self._lag = lag_seconds
        self._clock = clock
        self._servers = {name: _Server() for name in (PRIMARY, *self._replicas)}
        # The primary's positions and when they were asked for; the first may be older than the lag.
        self._written: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """All of them, the primary first."""
        return list(self._servers)

    def heard(self, name: str, asked_at: float, told: Told) -> None:
        """A server has answered what it was asked at a time."""
        with self._lock:
            server = self._servers[name]
            server.told, server.heard_at, server.failed = told, self._clock(), False
            if name == PRIMARY and not told.is_replica:
                self._written.append((asked_at, told.position))
                while len(self._written) > 1 and self._written[1][0] <= asked_at - self._lag:
                    self._written.popleft()

    def failed(self, name: str) -> None:
        """A server has refused, or its line has broken."""
        with self._lock:
            self._servers[name].failed = True

    def answers(self, name: str) -> bool:
        """Whether a server is there, by what was heard last."""
        server = self._servers[name]
        return not server.failed and self._silence(server) < QUIET_SECONDS

    def silent(self) -> list[str]:
        """Those that neither answer nor refuse, for so long that nobody should wait for them."""
        return [
            name
            for name, server in self._servers.items()
            if not server.failed and GIVEN_UP_SECONDS < self._silence(server) < float("inf")
        ]

    def is_good(self, name: str) -> bool:
        """Whether a replica answers, and has what the primary had the allowed lag ago."""
        with self._lock:
            told = self._servers[name].told
            if told is None or not told.is_replica or not self.answers(name) or not self._written:
                return False
            return told.position >= self._written[0][1]

    def order(self, *, for_editors: bool = False) -> list[str]:
        """Whom to ask, one after the other.

        Good replicas in this process's order, the primary, and then whoever answers, and who did
        last, whatever it lacks: with the primary gone an old page is better than none. An editor
        who looks at what was just saved asks the primary first.
        """
        good = [name for name in self._replicas if self.is_good(name)]
        primary = [PRIMARY] if self.answers(PRIMARY) else []
        first = [*primary, *good] if for_editors else [*good, *primary]
        # The primary leads where nothing is known, or they have the same.
        rest = [name for name in self._servers if name not in first]
        return first + sorted(rest, key=self._worth, reverse=True)

    def standing(self, *, for_editors: bool = False) -> tuple[str, Hashable]:
        """The first server of `order` that has said where content stands, and that; None if none.

        Both at once, for a page that is read from another server may be made of older content.
        """
        for name in self.order(for_editors=for_editors):
            told = self._servers[name].told
            if told is not None and told.standing is not None:
                return name, told.standing
        return PRIMARY, None

    def summary(self) -> Mapping[str, bool]:
        """Which of them are well."""
        return {
            name: self.answers(name) if name == PRIMARY else self.is_good(name)
            for name in sorted(self._servers)
        }

    def _silence(self, server: _Server) -> float:
        return self._clock() - server.heard_at

    def _worth(self, name: str) -> tuple[bool, int]:
        told = self._servers[name].told
        return self.answers(name), told.position if told else -1
