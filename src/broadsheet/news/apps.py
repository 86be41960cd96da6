"""The app, as Django is told of it."""

from django.apps import AppConfig


class NewsConfig(AppConfig):
    name = "broadsheet.news"
