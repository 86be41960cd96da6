"""The desk's settings with the migrations of `library` in another folder: see test_upgrade.py."""

import os

from broadsheet.settings import *  # noqa: F403

MIGRATION_MODULES = {"library": os.environ["BREAKING"]}
