"""The addresses: the public pages at the root, the editors' below /desk/. All of it below the path that
the desk stands at, where its address has one."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from broadsheet.mailing import hooks

_ours: list[URLPattern | URLResolver] = [
    path("desk/", include("broadsheet.desk.urls")),
    *hooks.patterns(),
    path("", include("broadsheet.archive.urls")),
]
urlpatterns: list[URLPattern | URLResolver] = (
    [path(f"{settings.PATH[1:]}/", include(_ours))] if settings.PATH else _ours
)
# Where nothing is, and where something broke: Django looks for these names here.
handler404 = "broadsheet.archive.missing.page"
handler500 = "broadsheet.desk.fullness.fault"
