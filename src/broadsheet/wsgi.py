"""What the web server calls."""

import os
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from broadsheet.keeping import running

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.settings")
application = get_wsgi_application()

if settings.SECRET_KEY == settings.NOT_SET_UP:
    raise ImproperlyConfigured(
        "This desk has no secret key yet, and whoever reads these words could sign in with the one that "
        "stands in the code. Run `broadsheet start --no-serve` first, or set BROADSHEET_SECRET_KEY."
    )
running.hold(Path(settings.HOME))
