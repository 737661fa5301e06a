"""The WSGI application that gunicorn serves."""

import gc
import os
from functools import partial
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from articles import patience
from xinwang import entry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
entry.prepare()
for server in settings.DATABASES.values():
    patience.bound(server)
django = get_wsgi_application()

from articles.pagecache import Breaker, PageCache  # noqa: E402 - needs Django set up
from articles.reads import keep_rolling_up  # noqa: E402
from articles.replicas import Standings, reading_from, watched  # noqa: E402
from articles.seeing.door import seen  # noqa: E402
from articles.views.beacon import door  # noqa: E402

# Where only editors look, nothing is counted, nobody else may ask, and nothing is kept.
site: Any = django
if settings.SERVE != "editorial":
    pages, beacons = Breaker(), Breaker()
    servers = watched()
    if servers:
        site = reading_from(servers, site)
    else:
        beacons = pages  # one database makes both wait
    if not settings.DEBUG:  # else templates may change
        watch = Standings(servers) if servers else None
        site = PageCache(pages.before(site), settings.PAGE_CACHE_BYTES, watch)
    site = door(site, partial(beacons.before, also_posts=True))
application = seen(site)
keep_rolling_up()
# All that is loaded by now stays. A full collection would look through its hundred thousand objects
# again and again, and whoever's page is being made would wait for 30 to 50 ms.
gc.collect()
gc.freeze()
