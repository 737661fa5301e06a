"""A bare Django view that answers the same text each time: what entering Django costs."""

import os
import pickle
from pathlib import Path

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import re_path

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="bench", MIDDLEWARE=[])
django.setup()
BODY = pickle.loads(Path(os.environ["PLAIN_PAGE"]).read_bytes())


def view(request: HttpRequest) -> HttpResponse:
    """An article page's size of text."""
    return HttpResponse(BODY)


urlpatterns = [re_path("", view)]
application = get_wsgi_application()
