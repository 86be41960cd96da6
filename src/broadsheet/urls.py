"""The addresses: the public pages at the root, the editors' below /desk/."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("desk/", include("broadsheet.desk.urls")),
    path("", include("broadsheet.archive.urls")),
]
