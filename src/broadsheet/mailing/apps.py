"""The app, as Django is told of it."""

from django.apps import AppConfig


class MailingConfig(AppConfig):
    name = "broadsheet.mailing"
