"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from xinwang import entry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
entry.prepare()
django = get_wsgi_application()

from articles.views.beacon import door  # noqa: E402 - needs Django set up

application = door(django)
