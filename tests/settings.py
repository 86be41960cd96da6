"""The desk's settings, as tests run it: a fast password hasher, a key of no worth."""

import os
import tempfile
from pathlib import Path

from broadsheet.settings import *  # noqa: F403

SECRET_KEY = "tests only, and long enough not to be warned of"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as at a desk: threads that share a database in memory lock each other's tables out
    # without waiting, which no desk does. One for each process, since several may test at once.
    DATABASES["default"]["TEST"] = {  # noqa: F405
        "NAME": Path(tempfile.gettempdir()) / f"broadsheet-test-{os.getpid()}.sqlite3"
    }

WEB_READS = 0  # counted in memory and written down later, perhaps within another test
# Tests change what a page shows and look again at once.
MIDDLEWARE = [one for one in MIDDLEWARE if one != "broadsheet.archive.kept.Pages"]  # noqa: F405
