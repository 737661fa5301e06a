"""The WSGI application that gunicorn serves."""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application

from xinwang import entry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
entry.prepare()
django = get_wsgi_application()

from django.conf import settings  # noqa: E402 - needs the environment

from articles.pagecache import PageCache  # noqa: E402 - needs Django set up
from articles.views.beacon import door  # noqa: E402

# Where only editors look, nothing is counted, nobody else may ask, and nothing is kept.
application: Any = django
if settings.SERVE != "editorial":
    if not settings.DEBUG:  # else templates may change
        application = PageCache(application, settings.PAGE_CACHE_BYTES)
    application = door(application)
