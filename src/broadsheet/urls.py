"""The addresses: the public pages at the root, the editors' below /desk/."""

from django.urls import URLPattern, URLResolver, include, path

from broadsheet.mailing import hooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/", include("broadsheet.desk.urls")),
    *hooks.patterns(),
    path("", include("broadsheet.archive.urls")),
]
