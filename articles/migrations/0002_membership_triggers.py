"""Triggers that keep ArticleTopic.published_at, whoever writes."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION articles_listed_at(state text, published_at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN state = 'published' THEN published_at END $$;

CREATE FUNCTION articles_fill_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT articles_listed_at(state, published_at) INTO NEW.published_at
    FROM articles_article WHERE id = NEW.article_id
    FOR SHARE;  -- waits for whoever is just publishing or withdrawing the article
    RETURN NEW;
END $$;

CREATE TRIGGER articles_fill_membership BEFORE INSERT OR UPDATE ON articles_articletopic
FOR EACH ROW EXECUTE FUNCTION articles_fill_membership();

-- Touches the memberships; the trigger above then fills in what they should hold.
CREATE FUNCTION articles_spread_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE articles_articletopic SET published_at = NULL WHERE article_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER articles_spread_membership AFTER UPDATE OF state, published_at ON articles_article
FOR EACH ROW
WHEN (
    articles_listed_at(OLD.state, OLD.published_at)
    IS DISTINCT FROM articles_listed_at(NEW.state, NEW.published_at)
)
EXECUTE FUNCTION articles_spread_membership();
"""

BACKWARDS = """
DROP TRIGGER articles_spread_membership ON articles_article;
DROP TRIGGER articles_fill_membership ON articles_articletopic;
DROP FUNCTION articles_spread_membership();
DROP FUNCTION articles_fill_membership();
DROP FUNCTION articles_listed_at(text, timestamptz);
"""


class Migration(migrations.Migration):
    """A membership repeats its article's publish time while the article is published."""

    dependencies = [("articles", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
