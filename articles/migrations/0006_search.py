"""Search: an entry for each published article, kept by triggers, and the index that finds it.

The functions are immutable and read no table (but articles_telling_pairs, and what calls it), so
that an index may be built on them. docs/adr/0012 tells why.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from articles.migrations import _characters

FUNCTIONS = rf"""
-- A text as search compares it: case, width, accents, 繁體 and punctuation make no difference.
-- Each character is folded by itself, so that the fold of a part is part of the fold of the whole.
CREATE FUNCTION articles_fold(raw text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $fold$
DECLARE
    folded text := lower(
        regexp_replace(normalize(raw, NFKD), '[{_characters.DROPPED}]+', '', 'g') COLLATE "C"
    );
BEGIN
    IF folded ~ '[{_characters.VARIANTS}]' THEN
        RETURN translate(folded, '{_characters.VARIANTS}', '{_characters.READ_AS}');
    END IF;
    RETURN folded;
END $fold$;

-- The folded text of a sanitized body, a line a block; entities stand for what folding drops.
CREATE FUNCTION articles_fold_body(body text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $body$
    SELECT articles_fold(
        regexp_replace(
            regexp_replace(
                translate(body, E'\n\r', ''),
                '</(?:p|h2|h3|li|blockquote|figure|table|tr|caption)>|<br>|<hr>', E'\n', 'g'
            ),
            '<[^>]*>|&(?:amp|lt|gt|quot|nbsp|#39);', '', 'g'
        )
    )
$body$;

-- The pairs of neighbours in a folded text, each as one number; `field` says where they stand.
-- Code points have 21 bits. A line's end is a neighbour like any other, so that no query, which has
-- none, matches across it.
CREATE FUNCTION articles_pairs(folded text, field integer) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $pairs$
DECLARE
    characters text[] := string_to_array(folded, NULL);
    field_bits bigint := field::bigint << 42;
BEGIN
    RETURN ARRAY(
        SELECT field_bits + ascii(first) * 2097152::bigint + ascii(second)
        FROM unnest(characters[:cardinality(characters) - 1], characters[2:])
            AS neighbours (first, second)
    );
END $pairs$;

-- The uncommon characters of a folded text, each as one number.
CREATE FUNCTION articles_singles(folded text, field integer) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $singles$
    SELECT ARRAY(
        SELECT (field::bigint << 42) + ascii(one) * 2097152::bigint
        FROM unnest(
            string_to_array(regexp_replace(folded, '[\n{_characters.COMMON}]+', '', 'g'), NULL)
        ) AS one
    )
$singles$;

-- Everything that an entry can be found by, in numbers of one kind each: 0 pairs anywhere, 1 pairs
-- in titles, 2 in the editor's name, 3 in the byline, 4 month, 5 year, 6 source, 7 topic, 8 one of
-- 16 and 9 one of 256 samples.
CREATE FUNCTION articles_search_keys(
    entry_text text, title text, editor text, byline text, source_id bigint, topics bigint[],
    published_at timestamptz, article_id bigint
) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100000
SET search_path FROM CURRENT  -- whoever builds an index has another
AS $keys$
DECLARE
    day timestamp := published_at AT TIME ZONE 'Asia/Shanghai';
BEGIN
    RETURN articles_pairs(entry_text, 0) || articles_singles(entry_text, 0)
        || articles_pairs(title, 1) || articles_singles(title, 1)
        || articles_pairs(editor, 2) || articles_pairs(byline, 3)
        || ARRAY[
            (4::bigint << 42) | (extract(year FROM day) * 12 + extract(month FROM day) - 1)::bigint,
            (5::bigint << 42) | extract(year FROM day)::bigint,
            (6::bigint << 42) | coalesce(source_id, 0),
            (8::bigint << 42) | (article_id % 16),
            (9::bigint << 42) | (article_id % 256)
        ]
        || ARRAY(SELECT (7::bigint << 42) | topic FROM unnest(topics) AS topic);
END $keys$;

-- The ten pairs of an entry that tell most about it: often in it, seldom elsewhere. NULL as long as
-- no sample has been taken.
CREATE FUNCTION articles_telling_pairs(title text, entry_text text) RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 AS $telling$
    SELECT array_agg(pair ORDER BY weight DESC, pair)
    FROM (
        SELECT counted.pair, counted.often * ln(sample.articles::numeric / coalesce(known.articles, 1))
            AS weight
        FROM articles_pairsample AS sample
        CROSS JOIN (
            SELECT pair, count(*) AS often
            FROM unnest(articles_pairs(title, 0) || articles_pairs(entry_text, 0)) AS pair
            WHERE pair & 2097151 <> ascii(E'\n') AND pair >> 21 <> ascii(E'\n')
            GROUP BY pair HAVING count(*) > 1
        ) AS counted
        LEFT JOIN articles_pairfrequency AS known ON known.pair = counted.pair
        WHERE coalesce(known.articles, 1) * 5 < sample.articles
        ORDER BY weight DESC, pair
        LIMIT 10
    ) AS most
$telling$;

-- The entries that these articles should have, were they published.
CREATE FUNCTION articles_entries_of(ids bigint[]) RETURNS TABLE (
    article_id bigint, published_at timestamptz, title text, text text, editor text, byline text,
    source_id bigint, topics bigint[]
)
LANGUAGE sql STABLE AS $entries$
    SELECT
        article.id, article.published_at, folded.title,
        folded.title || E'\n' || articles_fold_body(article.body),
        articles_fold(article.editor), articles_fold(article.byline), article.source_id,
        ARRAY(
            SELECT topic_id FROM articles_articletopic AS member
            WHERE member.article_id = article.id ORDER BY topic_id
        )
    FROM articles_article AS article
    CROSS JOIN LATERAL (
        SELECT rtrim(articles_fold(article.title || E'\n' || article.original_title), E'\n')
            AS title
    ) AS folded
    WHERE article.id = ANY (ids)
$entries$;

-- Make the entries of these articles true; answer how many had to change. The articles are locked
-- first, so that the second of two writers sees what the first has written.
CREATE FUNCTION articles_index(ids bigint[]) RETURNS integer
LANGUAGE plpgsql AS $index$
DECLARE
    visible bigint[];
    written bigint[];
    removed integer;
BEGIN
    PERFORM 1 FROM articles_article WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    visible := ARRAY(SELECT id FROM articles_article WHERE id = ANY (ids) AND state = 'published');
    WITH changed AS (
        INSERT INTO articles_searchentry AS entry
            (article_id, published_at, title, text, editor, byline, source_id, topics)
        SELECT * FROM articles_entries_of(visible) ORDER BY article_id
        ON CONFLICT (article_id) DO UPDATE SET
            published_at = EXCLUDED.published_at, title = EXCLUDED.title, text = EXCLUDED.text,
            editor = EXCLUDED.editor, byline = EXCLUDED.byline,
            source_id = EXCLUDED.source_id, topics = EXCLUDED.topics
        WHERE
            (entry.published_at, entry.title, entry.text, entry.editor, entry.byline,
                entry.source_id, entry.topics)
            IS DISTINCT FROM
            (EXCLUDED.published_at, EXCLUDED.title, EXCLUDED.text, EXCLUDED.editor,
                EXCLUDED.byline, EXCLUDED.source_id, EXCLUDED.topics)
        RETURNING article_id
    )
    SELECT coalesce(array_agg(article_id), '{{}}') INTO written FROM changed;
    PERFORM articles_liken(written);
    DELETE FROM articles_likeness WHERE article_id = ANY (ids) AND article_id <> ALL (visible);
    DELETE FROM articles_searchentry WHERE article_id = ANY (ids) AND article_id <> ALL (visible);
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN cardinality(written) + removed;
END $index$;

-- Note what these entries are alike by, as far as it is known which pairs are common.
CREATE FUNCTION articles_liken(ids bigint[]) RETURNS void
LANGUAGE sql AS $liken$
    INSERT INTO articles_likeness (article_id, pairs)
    SELECT article_id, telling
    FROM articles_searchentry
    CROSS JOIN LATERAL articles_telling_pairs(title, text) AS telling
    WHERE article_id = ANY (ids) AND telling IS NOT NULL
    ORDER BY article_id
    ON CONFLICT (article_id) DO UPDATE SET pairs = EXCLUDED.pairs
$liken$;
"""

TRIGGERS = r"""
CREATE FUNCTION articles_index_article() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM articles_index(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

-- Deferred to the end of the transaction, so that an article that comes with its topics is indexed
-- once.
CREATE CONSTRAINT TRIGGER articles_index_new AFTER INSERT ON articles_article
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'published')
EXECUTE FUNCTION articles_index_article();

CREATE CONSTRAINT TRIGGER articles_index_changed
AFTER UPDATE OF title, original_title, body, editor, byline, source_id, state, published_at
ON articles_article
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (
    (OLD.title, OLD.original_title, OLD.body, OLD.editor, OLD.byline, OLD.source_id, OLD.state,
        OLD.published_at)
    IS DISTINCT FROM
    (NEW.title, NEW.original_title, NEW.body, NEW.editor, NEW.byline, NEW.source_id, NEW.state,
        NEW.published_at)
)
EXECUTE FUNCTION articles_index_article();

CREATE FUNCTION articles_forget_article() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM articles_likeness WHERE article_id = OLD.id;
    DELETE FROM articles_searchentry WHERE article_id = OLD.id;
    RETURN NULL;
END $$;

CREATE TRIGGER articles_forget_article AFTER DELETE ON articles_article
FOR EACH ROW EXECUTE FUNCTION articles_forget_article();

CREATE FUNCTION articles_index_topics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM articles_index(ARRAY[entry.article_id])
    FROM articles_searchentry AS entry
    WHERE entry.article_id IN (OLD.article_id, NEW.article_id) AND entry.topics IS DISTINCT FROM
        ARRAY(
            SELECT topic_id FROM articles_articletopic AS member
            WHERE member.article_id = entry.article_id ORDER BY topic_id
        );
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER articles_index_topics
AFTER INSERT OR DELETE OR UPDATE OF article_id, topic_id ON articles_articletopic
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION articles_index_topics();
"""

# No statistics: the planner has no choice to make, and gathering them takes long. Text lies beside
# its row as it is: reading it must not cost decompressing it. Two workers build the index.
INDEX = """
ALTER TABLE articles_searchentry
    ALTER COLUMN text SET STORAGE EXTERNAL,
    ALTER COLUMN text SET STATISTICS 0,
    ALTER COLUMN title SET STATISTICS 0,
    SET (parallel_workers = 2);
CREATE INDEX searchentry_keys ON articles_searchentry USING gin (
    articles_search_keys(
        text, title, editor, byline, source_id, topics, published_at, article_id
    )
);
ALTER INDEX searchentry_keys ALTER COLUMN 1 SET STATISTICS 0;
"""

FILL = "SELECT articles_index(ARRAY(SELECT id FROM articles_article WHERE state = 'published'))"

BACKWARDS = """
DROP TRIGGER articles_index_topics ON articles_articletopic;
DROP TRIGGER articles_forget_article ON articles_article;
DROP TRIGGER articles_index_changed ON articles_article;
DROP TRIGGER articles_index_new ON articles_article;
DROP FUNCTION articles_index_topics();
DROP FUNCTION articles_forget_article();
DROP FUNCTION articles_index_article();
DROP FUNCTION articles_index(bigint[]);
DROP FUNCTION articles_liken(bigint[]);
DROP FUNCTION articles_entries_of(bigint[]);
DROP FUNCTION articles_telling_pairs(text, text);
DROP INDEX searchentry_keys;
DROP FUNCTION articles_search_keys(
    text, text, text, text, bigint, bigint[], timestamptz, bigint
);
DROP FUNCTION articles_singles(text, integer);
DROP FUNCTION articles_pairs(text, integer);
DROP FUNCTION articles_fold_body(text);
DROP FUNCTION articles_fold(text);
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0005_anchors")]

    operations = [
        migrations.CreateModel(
            name='PairFrequency',
            fields=[
                ('pair', models.BigIntegerField(primary_key=True, serialize=False)),
                ('articles', models.PositiveIntegerField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PairSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('articles', models.PositiveIntegerField(help_text='How many were read.')),
                ('archive', models.PositiveBigIntegerField(help_text='How many there were.')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Likeness',
            fields=[
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='likeness', serialize=False, to='articles.article')),
                ('pairs', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                'default_permissions': (),
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['pairs'], name='likeness_pairs')],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('article', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_entry', serialize=False, to='articles.article')),
                ('published_at', models.DateTimeField()),
                ('title', models.TextField(help_text='Folded; the original title, if any, on a second line.')),
                ('text', models.TextField(help_text='Folded: the titles, then the body, a line a block.')),
                ('editor', models.TextField(help_text='Folded.')),
                ('byline', models.TextField(help_text='Folded.')),
                ('source_id', models.BigIntegerField(null=True)),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('article_id'), descending=True), name='searchentry_newest')],
            },
        ),
        migrations.CreateModel(
            name='IndexRebuild',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reached', models.BigIntegerField(help_text='The highest article id done.')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='article',
            index=models.Index(models.F('state'), condition=models.Q(('state', 'published'), _negated=True), name='article_unpublished'),
        ),
        migrations.RunSQL(
            [FUNCTIONS, INDEX, TRIGGERS, FILL],
            [BACKWARDS],
        ),
    ]
