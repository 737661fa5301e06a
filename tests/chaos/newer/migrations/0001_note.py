"""A column of articles, and an index that is made while people write."""

from django.db import migrations


class Migration(migrations.Migration):
    """What a change of the models brings: quick locks, and work that takes none."""

    atomic = False
    dependencies = [("articles", "__first__")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE articles_article ADD COLUMN note text NOT NULL DEFAULT ''",
            "ALTER TABLE articles_article DROP COLUMN note",
        ),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY article_note ON articles_article (note, id)",
            "DROP INDEX CONCURRENTLY article_note",
        ),
    ]
