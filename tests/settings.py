"""The desk's settings, as tests run it: a fast password hasher, a key of no worth."""

from broadsheet.settings import *  # noqa: F403

SECRET_KEY = "tests only"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
