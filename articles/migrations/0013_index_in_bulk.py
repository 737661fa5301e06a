"""A bulk writer may have its articles indexed together, not one by one as its transaction ends."""

from django.db import migrations

# Such a writer says `SET LOCAL xinwang.indexes_itself = 'on'` and calls articles_index (0006) with
# all ids at once, in the same transaction or, filling an empty archive, when all articles are in.
_BY_TRIGGER = "current_setting('xinwang.indexes_itself', true) IS DISTINCT FROM 'on'"

_TRIGGERS = """
DROP TRIGGER articles_index_new ON articles_article;
CREATE CONSTRAINT TRIGGER articles_index_new AFTER INSERT ON articles_article
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'published'{unless})
EXECUTE FUNCTION articles_index_article();

DROP TRIGGER articles_index_topics ON articles_articletopic;
CREATE CONSTRAINT TRIGGER articles_index_topics
AFTER INSERT OR DELETE OR UPDATE OF article_id, topic_id ON articles_articletopic
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when}
EXECUTE FUNCTION articles_index_topics();
"""
FORWARDS = _TRIGGERS.format(unless=f" AND {_BY_TRIGGER}", when=f"WHEN ({_BY_TRIGGER})")
BACKWARDS = _TRIGGERS.format(unless="", when="")


class Migration(migrations.Migration):
    dependencies = [("articles", "0012_generation")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
