"""Addresses of the site: the editors' desk, where this process has it, then the archive."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from articles import urls as archive

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(archive.machines)),
    *i18n_patterns(path("", include(archive.pages)), prefix_default_language=False),
]
if settings.SERVE != "editorial":
    urlpatterns[:0] = archive.programs
if settings.HAS_DESK:
    urlpatterns[:0] = [
        path("admin/", admin.site.urls),
        path(
            "admin",  # as people type it
            RedirectView.as_view(pattern_name="admin:index", http_method_names=["get", "head"]),
        ),
        # https://w3c.github.io/webappsec-change-password-url/
        path(
            ".well-known/change-password",
            RedirectView.as_view(
                pattern_name="admin:password_change", http_method_names=["get", "head"]
            ),
        ),
    ]

handler400 = "articles.views.errors.bad_request"
handler403 = "articles.views.errors.forbidden"
handler404 = "articles.views.errors.not_found"
handler500 = "articles.views.errors.server_error"
