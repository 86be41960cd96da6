"""How many mails a second django-newsletter builds: run by bench_mailing.py in an environment of its own.

    python bench/newsletter_app.py ITEMS.json LETTERS

Its own `Submission.get_message` for each subscriber, then the bytes of the message as Django sends
them. ITEMS.json holds pairs of heading and text. Prints size and rate as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main(items: str, letters: int) -> None:
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="bench",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sites",
            "django.contrib.sessions", "django.contrib.messages", "sorl.thumbnail", "newsletter",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        ROOT_URLCONF="newsletter.urls",
        SITE_ID=1,
        NEWSLETTER_THUMBNAIL="sorl-thumbnail",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
    )  # fmt: skip
    django.setup()
    from django.contrib.sites.models import Site
    from django.core.management import call_command
    from newsletter.models import Article, Message, Newsletter, Submission, Subscription

    call_command("migrate", verbosity=0)
    site = Site.objects.get_current()
    newsletter = Newsletter.objects.create(
        title="The Harbour Letter", slug="harbour", email="letter@lantern.example", sender="Lantern"
    )
    newsletter.site.add(site)
    message = Message.objects.create(title="June 2026", slug="june", newsletter=newsletter)
    for at, (heading, text) in enumerate(json.loads(Path(items).read_text())):
        Article.objects.create(post=message, title=heading, text=f"<p>{text}</p>", sortorder=at)
    readers = [
        Subscription.objects.create(
            newsletter=newsletter, email_field=f"r{n}@reader.example", subscribed=True
        )
        for n in range(letters)
    ]
    submission = Submission.from_message(message)
    began, size = time.perf_counter(), 0
    for reader in readers:
        size = len(submission.get_message(reader).message().as_bytes())
    print(json.dumps({"bytes": size, "a_second": letters / (time.perf_counter() - began)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
