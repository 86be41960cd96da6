"""The app, as Django is told of it."""

from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "broadsheet.issues"
