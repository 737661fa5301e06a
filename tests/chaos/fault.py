"""A fault under load: provoked, judged, and put into a row of the table."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.load import WELL_WITHIN_SECONDS, Browser, Load
from tests.chaos.running import Site
from tests.chaos.tried import Tried

Provoke = Callable[[Site, Load], None]


@dataclass(frozen=True)
class Fault:
    """Something to do to a site; when `provoke` returns it is over, or the site's to mend."""

    what: str
    provoke: Provoke
    times: int = 3
    # Whether somebody must have been asked to wait: else it was no fault at all.
    bites: bool = True
    cut_off: bool = False  # connections may be, in the middle of an answer
    possible: Callable[[], bool] = lambda: True
    needs: str = ""  # to be possible
    crowd: int = 0
    pause: float = 0.04
    slowness: float = 1

    def tried(self, site: Site) -> Tried:
        """Provoked as often as said, under load."""
        seen: Counter[str] = Counter()
        slowest: Counter[str] = Counter()
        faults: list[str] = []
        back = 0.0
        for _ in range(self.times):
            load = Load(
                site, cut_off=self.cut_off, crowd=self.crowd, pause=self.pause,
                slowness=self.slowness,
            )  # fmt: skip
            with load:
                time.sleep(0.6)
                self.provoke(site, load)
                back = max(back, well(site, load))
            faults += [*load.faults, *unstored(site, load), *uncounted(site)]
            seen += load.seen
            slowest |= Counter(load.slowest)
        if self.bites and not any(name.endswith((" 503", " 0")) for name in seen):
            faults.append(f"{self.what}: nobody noticed")
        for fault in faults[:20]:
            print(fault, flush=True)
        return Tried(self.what, self.times, told(seen, slowest, back), len(faults))


def well(site: Site, load: Load) -> float:
    """Seconds until all is well: pages, health, a save, a read."""
    begun, before = time.monotonic(), load.seen.copy()
    browser = Browser(site.port, "127.0.9.1")
    within = WELL_WITHIN_SECONDS * load.slowness
    while time.monotonic() < begun + within:
        new = 10**9 + next(site.numbers)
        asked = [browser.ask(path).status for path in (f"/topic/huati/?before={new}-1", "/healthz")]
        if asked == [200, 200] and all(
            load.seen[one] > before[one] for one in ("save 302", "read 200")
        ):
            break
        time.sleep(0.05)
    else:
        load.fault("well", f"not within {within} s")
    browser.close()
    return time.monotonic() - begun


def unstored(site: Site, load: Load) -> list[str]:
    """Acknowledged saves that are not in the database: by their version, and as what now stands."""
    versions = site.sql(
        "SELECT serialized_data FROM reversion_version WHERE object_id = %s", str(site.edited)
    )
    held = " ".join(data for (data,) in versions)
    acknowledged = [text for text, said in load.saved if said]
    missing = [
        f"{text} was acknowledged and has no version"
        for text in acknowledged
        if f'"title": "{text}"' not in held or f"<p>{text}</p>" not in held
    ]
    ((title, body),) = site.sql(
        "SELECT title, body FROM articles_article WHERE id = %s", site.edited
    )
    # A save whose answer was lost may have been stored after the last acknowledged one.
    later: list[str] = []
    for text, said in load.saved:
        later = [text] if said else [*later, text]
    if acknowledged and (title not in later or body != f"<p>{title}</p>"):
        missing.append(f"{title} stands, not {acknowledged[-1]}")
    return missing


def uncounted(site: Site) -> list[str]:
    """Every acknowledged read is counted, and once."""
    ((counted,),) = site.sql(
        "SELECT (SELECT coalesce(sum(count), 0) FROM articles_dailyreads)"
        " + (SELECT count(*) FROM articles_readevent)"
    )
    if counted == site.reads:
        return []
    return [f"{counted} reads are counted, {site.reads} were acknowledged"]


def told(seen: Counter[str], slowest: Counter[str], back: float) -> str:
    """What was seen, in words."""

    def sum_of(*kinds: str, but: tuple[str, ...] = ()) -> int:
        return sum(n for name, n in seen.items() if name.startswith(kinds) and name not in but)

    others = sum_of("other", "form")
    waited = sum_of("other 503", "form 503")
    saves, stored = sum_of("save"), seen["save 302"]
    cut = sum(n for name, n in seen.items() if name.endswith(" cut"))
    return "; ".join(
        filter(
            None,
            [
                f"{seen['kept 200']:,} kept pages, all 200 (slowest {slowest['kept']:.1f} s)",
                f"{others:,} others, {waited:,} of them 503 (slowest {slowest['other']:.1f} s)",
                f"{saves} saves, {stored} stored, {saves - stored} not and so told",
                f"{seen['read 200']:,} reads counted",
                f"{cut} connections cut off" if cut else "",
                f"well after {back:.1f} s",
            ],
        )
    )
