"""Addresses of the public face."""

from django.urls import URLPattern, path

from broadsheet.archive import views

app_name = "archive"
urlpatterns: list[URLPattern] = [
    path("", views.editions, name="editions"),
    path("editions/<slug:uid>/", views.edition, name="edition"),
    path("editions/<slug:uid>/mail.txt", views.text, name="text"),
    path("feed.atom", views.atom, name="feed"),
    path("pictures/<str:name>", views.picture, name="picture"),
    path("favicon.ico", views.no_icon, name="icon"),
    path("edition.css", views.style, name="style"),
]
