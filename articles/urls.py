"""Addresses of the archive: those that are read, in both scripts, and those for machines."""

from django.urls import path, register_converter

from articles import api, converters, feeds, sitemaps
from articles.views import (
    archive,
    article,
    beacon,
    gallery,
    health,
    history,
    home,
    lists,
    page,
    reader,
    search,
    service,
    timegate,
    wellknown,
)

register_converter(converters.YearConverter, "year")
register_converter(converters.TwoDigitConverter, "two")
register_converter(converters.IdConverter, "id")
register_converter(converters.AnchorConverter, "anchor")
register_converter(converters.NameConverter, "name")
register_converter(converters.PrintedNameConverter, "printed")

# What programs ask for, once each as well, where the site answers the public.
programs = api.paths()

# The site serves these under /zh-hant/ as well (`articles.middleware.traditional`).
pages = [
    path("", home.home, name="home"),
    # permalinks and the archive by date
    path("<year:year>/<two:month>/<two:day>/<id:number>/", article.article, name="article"),
    path("<year:year>/<two:month>/<two:day>/<id:number>/code.svg", service.article_code),
    path(
        "<year:year>/<two:month>/<two:day>/<id:number>/p<anchor:anchor>.svg", service.article_code
    ),
    path(
        "<year:year>/<two:month>/<two:day>/<id:number>/photo/<anchor:place>/",
        gallery.photo,
        name="photo",
    ),
    path(
        "<year:year>/<two:month>/<two:day>/<id:number>/history/", history.versions, name="versions"
    ),
    path(
        "<year:year>/<two:month>/<two:day>/<id:number>/history/<anchor:place>/",
        history.version,
        name="version",
    ),
    path("<year:year>/<two:month>/<two:day>/", archive.day, name="day"),
    path("<year:year>/<two:month>/", archive.month, name="month"),
    path("<year:year>/", archive.year, name="year"),
    path("archive/", archive.years, name="archive"),
    path("on-this-day/", archive.on_this_day, name="on-this-day"),
    path("on-this-day/<two:month>/<two:day>/", archive.on_this_day, name="on-this-day-of"),
    # lists
    path("topic/", lists.topics, name="topics"),
    path("topic/<name:slug>/", lists.topic, name="topic"),
    path("source/", lists.sources, name="sources"),
    path("editor/", lists.editors, name="editors"),
    path("source/<name:slug>/", lists.source, name="source"),
    path("editor/<printed:name>/", lists.editor, name="editor"),
    path("most-read/", lists.most_read, name="most-read"),
    path("most-read/<slug:window>/", lists.most_read, name="most-read-window"),
    path("corrections/", lists.corrections, name="corrections"),
    path("search/", search.search, name="search"),
    path("search/suggest/", search.suggestions, name="suggest"),
    path("page/<slug:slug>/", page.page, name="page"),
    # whatever else was an address in an old system
    path("<path:path>", article.old_address, name="old-address"),
]

# Once each. They go first: the last of the pages' addresses is everything else.
machines = [
    path("reader.css", reader.style, name="reader-style"),
    path("reader/", reader.choose, name="reader"),
    path("reads/<id:number>/", beacon.beacon, name="beacon"),
    path("<year:year>/<two:month>/<two:day>/<id:number>/timegate/", timegate.timegate),
    path("<year:year>/<two:month>/<two:day>/<id:number>/timemap/", timegate.timemap),
    path("<year:year>/<two:month>/<two:day>/<id:number>/text.txt", timegate.canonical),
    path("feed/atom.xml", feeds.atom, name="feed"),
    path("feed/feed.json", feeds.json_feed, name="json-feed"),
    path("feed/topic/<name:slug>/atom.xml", feeds.atom, name="topic-feed"),
    path("feed/topic/<name:slug>/feed.json", feeds.json_feed, name="topic-json-feed"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap/pages.xml", sitemaps.pages, name="sitemap-pages"),
    path("sitemap/news.xml", sitemaps.news, name="sitemap-news"),
    path("sitemap/<year:year>-<two:month>.xml", sitemaps.month, name="sitemap-month"),
    path("robots.txt", service.robots, name="robots"),
    path("search/suggest/opensearch/", search.opensearch_suggestions, name="opensearch-suggest"),
    path("opensearch.xml", service.opensearch, name="opensearch"),
    path("manifest.webmanifest", service.manifest, name="manifest"),
    path("favicon.ico", service.favicon, name="favicon"),
    path("og/<id:number>-<slug:digest>.<slug:extension>", service.og, name="og"),
    path(".well-known/security.txt", wellknown.security, name="security"),
    path("qr.svg", service.site_code, name="site-code"),
    path("qr/<id:number>.svg", service.promo_code, name="promo-code"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("media/<slug:token>-<int:width>.<slug:extension>", service.rendition, name="rendition"),
]
