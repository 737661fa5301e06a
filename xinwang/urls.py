"""Addresses of the site: the editors' desk, then the archive."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from articles import urls as archive

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include(archive.machines)),
    *i18n_patterns(path("", include(archive.pages)), prefix_default_language=False),
]

handler400 = "articles.views.errors.bad_request"
handler403 = "articles.views.errors.forbidden"
handler404 = "articles.views.errors.not_found"
handler500 = "articles.views.errors.server_error"
