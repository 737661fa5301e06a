"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from xinwang import entry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
entry.prepare()
application = get_wsgi_application()
