"""Paragraphs' anchors, kept through edits (articles.anchors)."""


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0004_count_read'),
    ]

    operations = [
        migrations.AddField(
            model_name='article',
            name='anchors',
            field=models.JSONField(blank=True, default=list, editable=False, verbose_name='段落编号'),
        ),
    ]
