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

# As before, but for its last condition: without a sample every article's pairs were counted for
# nothing.
_LIKEN = """
CREATE OR REPLACE FUNCTION articles_liken(ids bigint[]) RETURNS void
LANGUAGE sql AS $liken$
    INSERT INTO articles_likeness (article_id, pairs)
    SELECT article_id, telling
    FROM articles_searchentry
    CROSS JOIN LATERAL articles_telling_pairs(title, text) AS telling
    WHERE article_id = ANY (ids) AND telling IS NOT NULL{if_known}
    ORDER BY article_id
    ON CONFLICT (article_id) DO UPDATE SET pairs = EXCLUDED.pairs
$liken$;
"""
# As migration 0006 has it, but in one pass over the characters and with quicker logarithms: as it
# answers the same, it stays when this migration is undone.
_TELLING = r"""
CREATE OR REPLACE FUNCTION articles_telling_pairs(title text, entry_text text) RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 AS $telling$
    SELECT array_agg(pair ORDER BY weight DESC, pair)
    FROM (
        SELECT counted.pair,
            counted.often * ln(sample.articles::float8 / coalesce(known.articles, 1)) AS weight
        FROM articles_pairsample AS sample
        CROSS JOIN (
            SELECT ascii(first) * 2097152::bigint + ascii(second) AS pair, count(*) AS often
            FROM (SELECT string_to_array(title || E'\n' || entry_text, NULL)) AS text (characters)
            CROSS JOIN unnest(characters, characters[2:]) AS neighbours (first, second)
            WHERE first <> E'\n' AND second <> E'\n'
            GROUP BY 1 HAVING count(*) > 1
        ) AS counted
        LEFT JOIN articles_pairfrequency AS known ON known.pair = counted.pair
        WHERE coalesce(known.articles, 1) * 5 < sample.articles
        ORDER BY weight DESC, pair
        LIMIT 10
    ) AS most
$telling$;
"""
FORWARDS += _TELLING
FORWARDS += _LIKEN.format(if_known=" AND EXISTS (SELECT FROM articles_pairsample)")
BACKWARDS += _LIKEN.format(if_known="")


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
