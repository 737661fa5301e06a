"""Generations, and the triggers that begin them, whoever writes."""

import django.db.models.functions
import django.utils.timezone
from django.db import migrations, models

# What readers see of each table. An article's reads are left out: they have a rule of their
# own (articles/reads/rollup.py). So are drafts, which nobody sees.
_OF_AN_ARTICLE = (
    "state, published_at, title, original_title, source_id, desk_id, editor, byline, body, anchors,"
    " excerpt, revised_at, age_notice, lead_photo_id, imported_reads, legacy_id, legacy_url,"
    " import_digest, created_at, updated_at"
)
_WHOLE_TABLES = (
    "articlephoto", "articletopic", "correction", "licence", "page", "photo", "promo", "source",
    "topic",
)  # fmt: skip

# A row each time, for rows wait for nobody: one that all update would be a queue, and with the
# locks of other triggers a deadlock. The oldest go a hundred at a time, whoever else holds them or not.
_FUNCTIONS = """
CREATE FUNCTION articles_begin_generation() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    begun bigint;
BEGIN
    INSERT INTO articles_generation DEFAULT VALUES RETURNING id INTO begun;
    IF begun % 100 = 0 THEN
        DELETE FROM articles_generation WHERE id IN (
            SELECT id FROM articles_generation WHERE id <= begun - 100 FOR UPDATE SKIP LOCKED
        );
    END IF;
END $$;

CREATE FUNCTION articles_content_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Once a transaction, however many rows it changes.
    IF current_setting('xinwang.changed_in', true)
       IS DISTINCT FROM pg_current_xact_id()::text THEN
        PERFORM articles_begin_generation();
        PERFORM set_config('xinwang.changed_in', pg_current_xact_id()::text, true);
    END IF;
    RETURN NULL;
END $$;
"""

_TRIGGER = """
CREATE TRIGGER articles_content_{name} AFTER {event} ON articles_{table}
FOR EACH ROW {when} EXECUTE FUNCTION articles_content_changed();
"""
_EMPTIED = """
CREATE TRIGGER articles_content_emptied AFTER TRUNCATE ON articles_{table}
FOR EACH STATEMENT EXECUTE FUNCTION articles_content_changed();
"""

_TRIGGERS = [
    ("article", "insert", "INSERT", "NEW.state <> 'draft'"),
    ("article", "delete", "DELETE", "OLD.state <> 'draft'"),
    (
        "article",
        "update",
        f"UPDATE OF {_OF_AN_ARTICLE}",
        "(OLD.state <> 'draft' OR NEW.state <> 'draft') AND OLD.* IS DISTINCT FROM NEW.*",
    ),
]
for _table in _WHOLE_TABLES:
    _TRIGGERS += [
        (_table, "rows", "INSERT OR DELETE", ""),
        (_table, "update", "UPDATE", "OLD.* IS DISTINCT FROM NEW.*"),
    ]

FORWARDS = _FUNCTIONS + "".join(
    _TRIGGER.format(
        name=name, event=event, table=table, when=f"WHEN ({condition})" if condition else ""
    )
    for table, name, event, condition in _TRIGGERS
)
FORWARDS += "".join(_EMPTIED.format(table=table) for table in ("article", *_WHOLE_TABLES))

BACKWARDS = """
DROP FUNCTION articles_content_changed() CASCADE;
DROP FUNCTION articles_begin_generation();
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0011_revised")]

    operations = [
        migrations.CreateModel(
            name="Generation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "begun_at",
                    models.DateTimeField(db_default=django.db.models.functions.Now()),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddField(
            model_name="rollup", name="moved", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="rollup",
            name="shown_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="rollup",
            name="ranking",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
