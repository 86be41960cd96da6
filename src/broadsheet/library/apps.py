"""The app, as Django is told of it."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    name = "broadsheet.library"
