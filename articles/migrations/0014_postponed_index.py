"""An import may leave the index of new articles for later; who indexes by hand, indexes changes, too."""

from django.db import migrations, models

_COLUMNS = "title, original_title, body, editor, byline, source_id, state, published_at"
_CHANGED = """
DROP TRIGGER articles_index_changed ON articles_article;
CREATE CONSTRAINT TRIGGER articles_index_changed AFTER UPDATE OF {columns} ON articles_article
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (({old}) IS DISTINCT FROM ({new}){unless})
EXECUTE FUNCTION articles_index_article();
"""


def _changed(unless: str) -> str:
    names = _COLUMNS.split(", ")
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    return _CHANGED.format(columns=_COLUMNS, old=old, new=new, unless=unless)


# As migration 0013 has it for the other triggers.
FORWARDS = _changed(
    " AND current_setting('xinwang.indexes_itself', true) IS DISTINCT FROM 'on'"
)
BACKWARDS = _changed("")


class Migration(migrations.Migration):
    dependencies = [("articles", "0013_index_in_bulk")]

    operations = [
        migrations.AddField(
            model_name="indexrebuild",
            name="in_bulk",
            field=models.BooleanField(
                default=False,
                help_text="Many articles have no entry: an import waits for the index to be built anew.",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
