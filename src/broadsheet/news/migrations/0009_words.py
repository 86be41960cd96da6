"""The index of the articles' words, filled from what is there; and what each undoing undid."""

from django.db import migrations

from broadsheet.news.finding import WORDS
from broadsheet.search import Document


def fill(apps, schema):
    articles = apps.get_model("news", "Article").objects.only(
        "pk", "headline", "description", "text", "month"
    )
    WORDS.put(
        Document(a.pk, a.headline, f"{a.description}\n{a.text}", (("month", a.month),))
        for a in articles.iterator(chunk_size=500)
    )


def pair(apps, schema):
    """An undoing stepped over itself and over what it had undone: the same steps, from the first on."""
    Decision = apps.get_model("news", "Decision")
    undone = Decision.objects.filter(action="undo", undoes=None)
    for story in undone.values_list("story", flat=True).distinct():
        standing = []
        for decision in Decision.objects.filter(story=story).order_by("pk"):
            if decision.action != "undo":
                standing.append(decision)
            elif standing:
                decision.undoes = standing.pop()
                decision.save(update_fields=["undoes"])


class Migration(migrations.Migration):
    dependencies = [("news", "0008_claims_notes_searches")]

    operations = [
        migrations.RunPython(WORDS.create, WORDS.drop),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(pair, migrations.RunPython.noop),
    ]
