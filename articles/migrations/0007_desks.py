"""Desks, what may be done with articles, and the indexes that the editors' lists stand on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# Search for editors reads articles that are in no index of the site's: by this one, of all pairs and
# uncommon characters of their titles and texts (kind 0 of 0006), it need not fold them all.
UNPUBLISHED_KEYS = r"""
CREATE FUNCTION articles_unpublished_keys(title text, original_title text, body text)
RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100000
SET search_path FROM CURRENT  -- whoever builds an index has another
AS $keys$
DECLARE
    folded text := rtrim(articles_fold(title || E'\n' || original_title), E'\n') || E'\n'
        || articles_fold_body(body);
BEGIN
    RETURN articles_pairs(folded, 0) || articles_singles(folded, 0);
END $keys$;
CREATE INDEX article_unpublished_keys ON articles_article USING gin (
    articles_unpublished_keys(title, original_title, body)
) WHERE state <> 'published';
ALTER INDEX article_unpublished_keys ALTER COLUMN 1 SET STATISTICS 0;
"""
NO_UNPUBLISHED_KEYS = """
DROP INDEX article_unpublished_keys;
DROP FUNCTION articles_unpublished_keys(text, text, text);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0006_search'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Desk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='名称')),
            ],
            options={
                'verbose_name': '部门',
                'verbose_name_plural': '部门',
                'ordering': ['name'],
            },
        ),
        migrations.AlterModelOptions(
            name='article',
            options={'permissions': [('publish_article', '发布稿件'), ('withdraw_article', '撤下稿件、恢复发布'), ('edit_any_article', '修改所有部门的稿件')], 'verbose_name': '稿件', 'verbose_name_plural': '稿件'},
        ),
        migrations.RemoveIndex(
            model_name='article',
            name='article_by_editor',
        ),
        migrations.RemoveIndex(
            model_name='article',
            name='article_unpublished',
        ),
        migrations.AddField(
            model_name='desk',
            name='members',
            field=models.ManyToManyField(blank=True, help_text='成员可以写作、修改、发布本部门的稿件。', related_name='desks', to=settings.AUTH_USER_MODEL, verbose_name='成员'),
        ),
        migrations.AddField(
            model_name='article',
            name='desk',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to='articles.desk', verbose_name='部门'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(models.F('editor'), models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('editor', ''), _negated=True), name='article_by_editor'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), name='article_by_time'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(models.F('state'), models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('state', 'published'), _negated=True), name='article_unpublished'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(models.OrderBy(models.F('updated_at'), descending=True), condition=models.Q(('state', 'draft')), name='article_drafts'),
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(models.F('desk'), models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('desk__isnull', False)), name='article_by_desk'),
        ),
        migrations.RunSQL([UNPUBLISHED_KEYS], [NO_UNPUBLISHED_KEYS]),
    ]
