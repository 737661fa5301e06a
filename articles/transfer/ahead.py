"""Lines prepared ahead of whoever writes them: in batches, in order, in constant memory."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future

from articles.transfer.preparing import Prepared, prepare_all
from articles.transfer.stream import BadFile, Line
from articles.workers import Workers

BATCH = 500
BATCH_BYTES = 8 * 1024 * 1024  # fewer of long ones, so that those under way fit into memory
# So many batches are not worth processes of their own, nor an index that is built in bulk.
FEW = 2

Batch = list[tuple[Line, Prepared | str]]


class Ahead:
    """Batches of lines, each line prepared or with the reason why it can't be."""

    def __init__(self, lines: Iterable[Line], processes: int = 1) -> None:
        """With several processes, those prepare what follows while a batch is written."""
        self.many = False  # known before the first batch is given out
        self._lines = lines
        self._processes = processes
        self._workers: Workers | None = None

    def __iter__(self) -> Iterator[Batch]:
        """Give out each batch once; a process that is killed raises BrokenProcessPool."""
        waiting: deque[tuple[list[Line], Future[list[Prepared | str]] | None]] = deque()
        try:
            for lines in _batches(self._lines):
                if len(waiting) == FEW:
                    self._begin_many()
                waiting.append((lines, self._begun(lines)))
                if len(waiting) > max(FEW, self._processes + 1):
                    yield _done(*waiting.popleft())
        except BadFile:  # the lines before the place where a file breaks off are all in
            yield from (_done(*batch) for batch in waiting)
            raise
        else:
            yield from (_done(*batch) for batch in waiting)
        finally:
            if self._workers:
                self._workers.close()

    def _begin_many(self) -> None:
        self.many = True
        if self._processes > 1 and self._workers is None:
            self._workers = Workers(self._processes)

    def _begun(self, lines: list[Line]) -> Future[list[Prepared | str]] | None:
        """The lines' preparation under way; None: it is done here when its turn comes."""
        if self._workers is None:
            return None
        return self._workers.submit(prepare_all, [line.content for line in lines])


def _done(lines: list[Line], begun: Future[list[Prepared | str]] | None) -> Batch:
    prepared = begun.result() if begun else prepare_all(line.content for line in lines)
    return list(zip(lines, prepared, strict=True))


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines, some at a time; where a file breaks off, those before come before the error."""
    batch: list[Line] = []
    size = 0
    try:
        for line in lines:
            batch.append(line)
            size += len(line.content or b"")
            if len(batch) == BATCH or size > BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except BadFile:
        yield batch
        raise
    if batch:
        yield batch
