"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from xinwang import entry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
entry.prepare()
django = get_wsgi_application()

from django.conf import settings  # noqa: E402 - needs the environment

from articles.views.beacon import door  # noqa: E402 - needs Django set up

# Where only editors look, nothing is counted, and nobody else may ask.
application = django if settings.SERVE == "editorial" else door(django)
