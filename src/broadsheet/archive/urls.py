"""Addresses of the public face."""

from django.urls import URLPattern, path

from broadsheet.archive import readers, views

app_name = "archive"
urlpatterns: list[URLPattern] = [
    path("", views.editions, name="editions"),
    path("editions/<slug:uid>/", views.edition, name="edition"),
    path("editions/<slug:uid>/mail.txt", views.text, name="text"),
    path("feed.atom", views.atom, name="feed"),
    path("pictures/<str:name>", views.picture, name="picture"),
    path("favicon.ico", views.no_icon, name="icon"),
    path("edition.css", views.style, name="style"),
    path("subscribe/", readers.newsletters, name="newsletters"),
    path("subscribe/<int:pk>/", readers.sign_up, name="sign_up"),
    # Short, and without a slash at the end: these stand in the header lines of mail.
    path("c/<str:token>", readers.confirm, name="confirm"),
    path("u/<str:token>", readers.leave, name="leave"),
    path("p/<str:token>", readers.choose, name="preferences"),
    path("d/<str:token>", readers.data, name="data"),
    path("d/<str:token>/data.json", readers.data_file, name="data_file"),
]
