"""The app, as Django is told of it."""

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "broadsheet.archive"
