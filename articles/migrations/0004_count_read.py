"""The function that counts a read: one short statement a beacon, planned once a connection."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION articles_count_read(
    article bigint, today date, reader bytea, OUT counted boolean, OUT total bigint
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT reads INTO total FROM articles_article
    WHERE id = article AND state = 'published' AND published_at <= now();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO articles_visit (day, article_id, visitor) VALUES (today, article, reader)
    ON CONFLICT DO NOTHING;
    counted := FOUND;
    IF counted THEN
        INSERT INTO articles_readevent (article_id, day) VALUES (article, today);
        total := total + 1;
    END IF;
END $$;
"""

BACKWARDS = "DROP FUNCTION articles_count_read(bigint, date, bytea);"


class Migration(migrations.Migration):
    """No row is updated, so the readers of a hot article don't wait for each other."""

    dependencies = [("articles", "0003_reads")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
