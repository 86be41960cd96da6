"""The app, as Django is told of it."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "broadsheet.jobs"
