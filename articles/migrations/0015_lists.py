"""What the editors' lists lacked to be scans of an index: words of photos, their use, deletions."""

from django.db import migrations, models

# All pairs and characters of what is said of a photo, folded and in numbers as search has them
# (0006). With statistics and costs as they are, unlike search: of words that are everywhere the
# newest photos are walked through.
PHOTO_KEYS = r"""
CREATE FUNCTION articles_photo_text(caption text, alt text, credit text, name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS $text$
    SELECT articles_fold(caption || E'\n' || alt || E'\n' || credit || E'\n' || name)
$text$;
CREATE FUNCTION articles_characters(folded text, field integer) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $characters$
    SELECT ARRAY(
        SELECT (field::bigint << 42) + ascii(one) * 2097152::bigint
        FROM unnest(string_to_array(folded, NULL)) AS one
    )
$characters$;
CREATE FUNCTION articles_photo_keys(caption text, alt text, credit text, name text)
RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5000
SET search_path FROM CURRENT  -- whoever builds an index has another
AS $keys$
DECLARE
    folded text := articles_photo_text(caption, alt, credit, name);
BEGIN
    RETURN articles_pairs(folded, 0) || articles_characters(folded, 0);
END $keys$;
CREATE INDEX photo_keys ON articles_photo USING gin (
    articles_photo_keys(caption, alt, credit, name)
);
"""
NO_PHOTO_KEYS = """
DROP INDEX photo_keys;
DROP FUNCTION articles_photo_keys(text, text, text, text);
DROP FUNCTION articles_characters(text, integer);
DROP FUNCTION articles_photo_text(text, text, text, text);
"""

# Photos taken into use and let go are settled when their transaction commits, one transaction at a
# time: so none overlooks another, and two that take the same photos in another order don't wait
# for each other.
USED = """
CREATE FUNCTION articles_photo_is_used(number bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM articles_articlephoto WHERE photo_id = number)
        OR EXISTS (SELECT FROM articles_article WHERE lead_photo_id = number)
        OR EXISTS (SELECT FROM articles_promo WHERE photo_id = number)
$$;

-- Whatever a writer says: it may have read the row before the photo was used.
CREATE FUNCTION articles_say_photo_used() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.used := articles_photo_is_used(NEW.id);
    RETURN NEW;
END $$;
CREATE TRIGGER articles_say_photo_used BEFORE INSERT OR UPDATE OF used ON articles_photo
FOR EACH ROW EXECUTE FUNCTION articles_say_photo_used();

CREATE FUNCTION articles_use_photo() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken bigint;
    let_go bigint;
BEGIN
    IF TG_TABLE_NAME = 'articles_article' THEN
        taken := NEW.lead_photo_id;
        let_go := OLD.lead_photo_id;
    ELSE
        taken := NEW.photo_id;
        let_go := OLD.photo_id;
    END IF;
    -- Any number that no other advisory lock of this database uses.
    PERFORM pg_advisory_xact_lock(x'75736564'::bigint);
    UPDATE articles_photo SET used = NOT used
    WHERE id IN (taken, let_go) AND used <> articles_photo_is_used(id);
    RETURN NULL;
END $$;
"""
_TRIGGER = """
CREATE CONSTRAINT TRIGGER articles_use_photo_{name} AFTER {event} ON {table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION articles_use_photo();
"""
for _table, _photo in (
    ("articles_articlephoto", "photo_id"),
    ("articles_article", "lead_photo_id"),
    ("articles_promo", "photo_id"),
):
    for _name, _event, _when in (
        ("new", "INSERT", f"NEW.{_photo} IS NOT NULL"),
        ("changed", f"UPDATE OF {_photo}", f"OLD.{_photo} IS DISTINCT FROM NEW.{_photo}"),
        ("gone", "DELETE", f"OLD.{_photo} IS NOT NULL"),
    ):
        USED += _TRIGGER.format(name=_name, event=_event, table=_table, when=_when)
FILL = "UPDATE articles_photo SET used = true WHERE articles_photo_is_used(id)"
NOT_USED = """
DROP FUNCTION articles_use_photo() CASCADE;
DROP FUNCTION articles_say_photo_used() CASCADE;
DROP FUNCTION articles_photo_is_used(bigint);
"""

# Whether a photo is used is nothing that readers see: it begins no generation (0012).
_SHOWN = (
    "sha256, original, name, width, height, widths, alt, caption, credit, decorative, focus_x,"
    " focus_y, created_at"
)
_CONTENT = """
CREATE OR REPLACE TRIGGER articles_content_update AFTER UPDATE{of} ON articles_photo
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION articles_content_changed();
"""
CONTENT, NO_CONTENT = _CONTENT.format(of=f" OF {_SHOWN}"), _CONTENT.format(of="")

# In django-reversion's table: what was deleted on the desk, by the comment that history writes.
DELETIONS = """
CREATE INDEX revision_deletions ON reversion_revision (id DESC) WHERE comment = '删除';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0014_postponed_index"),
        ("reversion", "0002_add_index_on_version_for_content_type_and_db"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="used",
            field=models.BooleanField(default=False, editable=False, verbose_name="用过"),
        ),
        migrations.RunSQL([CONTENT, USED, FILL], [NOT_USED, NO_CONTENT]),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index("used", models.F("id").desc(), name="photo_by_use"),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(
                models.F("id").desc(),
                name="photo_decorative",
                condition=models.Q(("decorative", True)),
            ),
        ),
        migrations.RunSQL(PHOTO_KEYS, NO_PHOTO_KEYS),
        migrations.RemoveIndex(model_name="dailyreads", name="dailyreads_window"),
        migrations.AddIndex(
            model_name="dailyreads",
            index=models.Index(
                "day",
                models.F("count").desc(),
                models.F("article").desc(),
                name="dailyreads_most_read",
            ),
        ),
        migrations.RunSQL(DELETIONS, "DROP INDEX revision_deletions"),
    ]
