"""The generation, and the triggers that move it, whoever writes."""

import django.utils.timezone
from django.db import migrations, models

# What readers see of each table. An article's reads are left out: they move it by a rule of their
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

# Triggers wait for the end of the transaction (DEFERRED), so that nobody else's save waits for a
# long one. They are constraint triggers because no other kind can wait.
_FUNCTIONS = """
CREATE FUNCTION articles_move_generation() RETURNS void LANGUAGE sql AS $$
    INSERT INTO articles_generation AS held (id, number)
    VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
    ON CONFLICT (id) DO UPDATE SET number = greatest(held.number + 1, excluded.number)
$$;

CREATE FUNCTION articles_content_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Once a transaction, however many rows it changes.
    IF current_setting('xinwang.moved_in', true)
       IS DISTINCT FROM pg_current_xact_id()::text THEN
        PERFORM articles_move_generation();
        PERFORM set_config('xinwang.moved_in', pg_current_xact_id()::text, true);
    END IF;
    RETURN NULL;
END $$;
"""

_TRIGGER = """
CREATE CONSTRAINT TRIGGER articles_content_{name} AFTER {event} ON articles_{table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when} EXECUTE FUNCTION articles_content_changed();
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

BACKWARDS = """
DROP FUNCTION articles_content_changed() CASCADE;
DROP FUNCTION articles_move_generation();
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
                ("number", models.BigIntegerField(default=0)),
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
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
