"""The app, as Django is told of it."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "broadsheet.people"
