"""An index of the articles that were revised: the sitemap index reads it, and no others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("articles", "0010_photo_library")]

    operations = [
        migrations.AddIndex(
            model_name="article",
            index=models.Index(
                models.F("published_at"),
                models.F("revised_at"),
                condition=models.Q(("revised_at__isnull", False), ("state", "published")),
                name="article_revised",
            ),
        ),
    ]
