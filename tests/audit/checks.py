"""Nu Html Checker and Lighthouse over the site as gunicorn serves it and as nginx does."""

import json
import os
import shutil
import statistics
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from tests.audit.site import Site, behind_nginx, by_gunicorn, chromium
from tests.serving import ROOT, Missing, needed

TOOLS = ROOT / "tests" / "audit" / "node_modules"
KEPT = ROOT / "var" / "audit"
SCORED = ("home", "article", "topic", "search", "pictures")
THRESHOLDS = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}
# Search results are kept out of search engines on purpose (robots.txt, noindex).
HIDDEN = {"search": ["is-crawlable"]}
RUNS = 3  # of a page that falls short at first; the median counts
FEEDS = ("/feed/atom.xml", "/sitemap/pages.xml", "/sitemap/news.xml", "/opensearch.xml")
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@dataclass(frozen=True)
class Score:
    """What Lighthouse gives a page, out of 100 a category, and what it held against it."""

    categories: dict[str, int]
    reasons: list[str]

    @property
    def enough(self) -> bool:
        """Whether it reaches every threshold."""
        return all(self.categories[name] >= least for name, least in THRESHOLDS.items())


def check(folder: Path) -> int:
    """Check everything, say what falls short, keep the reports; 1 if anything does."""
    java, node = needed("java", "default-jre-headless"), needed("node", "nodejs npm")
    if not (TOOLS / "vnu-jar").exists() or not (TOOLS / "lighthouse").exists():
        raise Missing("检查工具还没有安装：make audit 会用 npm 装好")
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    faults: list[str] = []
    for name, served in (("gunicorn", by_gunicorn), ("nginx", behind_nginx)):
        with served(folder) as site:
            print(f"\n== {name}", flush=True)
            if name == "gunicorn":  # nginx passes on the same pages
                faults += _html(java, site)
                faults += _feeds(site)
            faults += _scores(node, name, site)
    print("\n" + ("\n".join(faults) if faults else "全部合格"))
    return 1 if faults else 0


def _get(url: str, agent: str = "") -> bytes:
    """What is at this address, an error page as well."""
    request = urllib.request.Request(
        urllib.parse.quote(url, safe=":/?=&+%"), headers={"User-Agent": agent}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return error.read()


def _html(java: str, site: Site) -> list[str]:
    """What the Nu Html Checker calls an error, on every kind of page, and in the style sheets."""
    from tests.kinds import DEVICES

    folder = KEPT / "pages"
    folder.mkdir()
    for name, path in site.kinds.items():
        for device, options in DEVICES.items():
            html = _get(site.url + path, options.get("user_agent", ""))
            (folder / f"{name}-{device}.html").write_bytes(html)
    done = subprocess.run(
        [java, "-jar", str(TOOLS / "vnu-jar" / "build" / "dist" / "vnu.jar"), "--format", "json",
         "--exit-zero-always", "--no-langdetect", "--stdout", *map(str, sorted(folder.iterdir()))],
        capture_output=True, check=True,
    )  # fmt: skip
    (KEPT / "vnu.json").write_bytes(done.stdout)
    messages = json.loads(done.stdout)["messages"]
    errors = [each for each in messages if each["type"] in ("error", "non-document-error")]
    warnings = [each for each in messages if each.get("subType") == "warning"]
    count = len(list(folder.iterdir()))
    print(f"HTML：{count} 页，{len(errors)} 个错误，{len(warnings)} 个警告", flush=True)
    return [
        f"HTML {Path(each.get('url', '')).name} 第 {each.get('lastLine')} 行：{each['message']}"
        for each in errors + warnings
    ]


def _feeds(site: Site) -> list[str]:
    """Feeds and sitemaps that aren't well-formed, and what sitemaps list that isn't there."""
    faults = []
    json.loads(_get(f"{site.url}/feed/feed.json"))
    for path in FEEDS:
        etree.fromstring(_get(site.url + path))
    listed = [
        url for sitemap in _locations(f"{site.url}/sitemap.xml") for url in _locations(sitemap)
    ]
    for url in listed:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method="HEAD")) as answer:
                if answer.url != url:
                    faults.append(f"站点地图里的地址转到别处：{url}")
        except OSError as error:
            faults.append(f"站点地图里的地址打不开：{url}（{error}）")
    print(f"订阅源 {len(FEEDS) + 1} 个，站点地图里 {len(listed)} 个地址", flush=True)
    return faults


def _locations(url: str) -> Iterator[str]:
    for location in etree.fromstring(_get(url)).iter(SITEMAP):
        yield str(location.text)


def _scores(node: str, served: str, site: Site) -> list[str]:
    """The pages that Lighthouse gives too little, with its reasons; prints every score."""
    faults = []
    for name in SCORED:
        scores = [_lighthouse(node, served, name, site)]
        while not scores[0].enough and len(scores) < RUNS:
            scores.append(_lighthouse(node, served, name, site))
        middle = {
            category: int(statistics.median(score.categories[category] for score in scores))
            for category in THRESHOLDS
        }
        score = Score(middle, scores[-1].reasons)
        print(f"{name:10} {middle}", flush=True)
        if not score.enough:
            faults.append(f"Lighthouse {served} {name} {middle}：{'；'.join(score.reasons)}")
    return faults


def _lighthouse(node: str, served: str, name: str, site: Site) -> Score:
    """One run: a telephone on a slow line, as Lighthouse has it."""
    report = KEPT / f"lighthouse-{served}-{name}.json"
    command = [
        node, str(TOOLS / "lighthouse" / "cli" / "index.js"),
        urllib.parse.quote(site.url + site.kinds[name], safe=":/?=&+%"),
        "--quiet", "--output=json", f"--output-path={report}",
        f"--only-categories={','.join(THRESHOLDS)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage",
        *(f"--skip-audits={audit}" for audit in HIDDEN.get(name, [])),
    ]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": chromium()}
    for _ in range(RUNS):  # on a busy machine it may miss a page's beginning, and says so
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if not done.returncode:
            break
    else:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    categories = {key: found["categories"][key] for key in THRESHOLDS}
    return Score(
        {key: round(100 * (each["score"] or 0)) for key, each in categories.items()},
        [
            f"{reference['id']} {found['audits'][reference['id']].get('displayValue', '')}".strip()
            for each in categories.values()
            for reference in each["auditRefs"]
            if reference["weight"] and (found["audits"][reference["id"]]["score"] or 0) < 1
            and found["audits"][reference["id"]]["scoreDisplayMode"] in ("binary", "numeric")
        ],
    )  # fmt: skip
