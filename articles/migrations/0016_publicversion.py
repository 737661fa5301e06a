"""Public versions of articles, which nobody rewrites, and the generations that they begin."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


# Readers see all of them (0012); what was once published is never another text.
FORWARDS = """
CREATE TRIGGER articles_content_rows AFTER INSERT OR DELETE ON articles_publicversion
FOR EACH ROW EXECUTE FUNCTION articles_content_changed();
CREATE TRIGGER articles_content_emptied AFTER TRUNCATE ON articles_publicversion
FOR EACH STATEMENT EXECUTE FUNCTION articles_content_changed();

CREATE FUNCTION articles_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a public version is never rewritten (article %, version %)',
        OLD.article_id, OLD.number USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER articles_keep_version BEFORE UPDATE ON articles_publicversion
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION articles_keep_version();
"""
BACKWARDS = """
DROP TRIGGER articles_keep_version ON articles_publicversion;
DROP FUNCTION articles_keep_version();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0015_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="版次")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("first", "首次发布"),
                            ("revision", "修改"),
                            ("correction", "更正"),
                            ("addition", "补充"),
                            ("retraction", "撤稿"),
                            ("restoration", "恢复发布"),
                        ],
                        max_length=11,
                        verbose_name="类别",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="从何时起"
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="修改说明")),
                ("content", models.JSONField(blank=True, default=dict, verbose_name="内容")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="指纹")),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="public_versions",
                        to="articles.article",
                    ),
                ),
            ],
            options={
                "verbose_name": "公开版本",
                "verbose_name_plural": "公开版本",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("article", "number"), name="publicversion_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "first",
                                    "revision",
                                    "correction",
                                    "addition",
                                    "retraction",
                                    "restoration",
                                ],
                            )
                        ),
                        name="publicversion_kind_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
