"""The app, as Django is told of it."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "broadsheet.desk"
