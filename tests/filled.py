"""An archive of ten years in rows alone: large enough that the planner means what it says.

Of everything that grows with an archive there are thousands, in shares that are a newspaper's:
topics from half of all articles to a few, one logo in many galleries, an editor who has saved for
years. Made by SQL in a few seconds; photos have no files.
"""

import re

from django.db import connection

from articles import related
from articles.migrations._characters import COMMON, VARIANTS

# The numbers of an article of every state, of one with a long history and a gallery of twenty, and
# of photos: a logo in thousands of galleries, one that leads many articles, used ones and one that
# isn't.
PUBLISHED, LONG_STORY, DRAFT, WITHDRAWN, SCHEDULED = 7_498, 7_500, 7_600, 7_900, 7_980
PHOTOS = LOGO, LEAD, PHOTO, UNUSED = 9, 1, 11, 14_500

# Texts are a tenth as long as real ones, so that they are soon indexed; pages are as many.
_ROWS = """
ALTER TABLE articles_article SET (fillfactor = 20);
ALTER TABLE reversion_version SET (fillfactor = 10);
SET LOCAL xinwang.indexes_itself = 'on';
SELECT setseed(0.2022);
INSERT INTO articles_source (id, name, slug, url)
    SELECT n, '来源' || n, 'source-' || n, '' FROM generate_series(1, 60) AS n;
INSERT INTO articles_topic
    (id, name, slug, description, layout, position, in_navigation, featured)
    SELECT n, '话题' || n, 'topic-' || n, '', CASE WHEN n % 10 = 3 THEN 'pictures' ELSE 'list' END,
        n, n <= 6, n <= 6
    FROM generate_series(1, 80) AS n;
INSERT INTO articles_desk (id, name)
    SELECT n, '部门' || n FROM generate_series(1, 6) AS n;
INSERT INTO auth_user (id, username, password, first_name, last_name, email, is_staff, is_active,
        is_superuser, date_joined)
    SELECT n, 'user' || n, '!', '', '', '', true, true, n = 1, now()
    FROM generate_series(1, 80) AS n;
INSERT INTO auth_user_groups (user_id, group_id)
    SELECT auth_user.id, auth_group.id FROM auth_user, auth_group WHERE auth_user.id % 4 > 0;
INSERT INTO articles_desk_members (desk_id, user_id)
    SELECT 1 + id % 6, id FROM auth_user;
INSERT INTO articles_photo (id, sha256, original, name, width, height, widths, alt, caption, credit,
        decorative, focus_x, focus_y, created_at)
    SELECT n, md5(n::text) || md5(n || 'b'), n || '.jpg', 'DSC' || n || '.jpg', 1280, 960,
        '{{320,640,960,1280}}', CASE WHEN n % 50 IN (7, 8) THEN '' ELSE '图上的海' || n END,
        '青岛' || chr(20000 + n % 997) || chr(20000 + n % 89) || '图' || n, '记者' || n % 40,
        n % 50 = 8, 50, 50, now() - (3650 * (15000 - n) / 15000.0) * interval '1 day'
    FROM generate_series(1, 15000) AS n;
INSERT INTO articles_article (id, title, original_title, source_id, desk_id, editor, byline, body,
        anchors, excerpt, state, published_at, revised_at, lead_photo_id, age_notice,
        imported_reads, reads, legacy_url, import_digest, created_at, updated_at)
    SELECT n,
        words.title, CASE WHEN n % 9 = 0 THEN words.title || '原' ELSE '' END,
        CASE WHEN n % 11 > 0 THEN floor(60 ^ random()) END,
        CASE WHEN n % 5 = 0 THEN floor(7 ^ random()) END,
        CASE WHEN n % 13 > 0 THEN '编辑' || floor(300 ^ random()) ELSE '' END,
        '本报记者 某' || n % 70, '<p>' || words.body || '</p>', '[]', left(words.body, 100),
        CASE WHEN n <= 7500 OR n > 7970 THEN 'published' WHEN n <= 7800 THEN 'draft'
            ELSE 'withdrawn' END,
        CASE WHEN n <= 7500 THEN now() - (7501 - n) * interval '11 hours 41 minutes'
            WHEN n <= 7800 THEN NULL
            WHEN n <= 7970 THEN now() - (7971 - n) * interval '20 days'
            ELSE now() + (n - 7970) * interval '5 hours' END,
        CASE WHEN n % 40 = 0 AND n <= 7500 THEN now() - (7501 - n) * interval '11 hours' END,
        CASE WHEN n % 3 = 0 THEN 2 + n * 7 % 14000 WHEN n % 400 = 1 THEN 1 END,
        true, 0, n * 7919 % 100003, CASE WHEN n <= 5000 THEN 'http://old.example/' || n || '.htm'
            ELSE '' END, '', now() - (8001 - n) * interval '11 hours',
        now() - (8001 - n) * interval '11 hours'
    FROM generate_series(1, 8000) AS n
    CROSS JOIN LATERAL (
        SELECT string_agg(word, '') AS body, left(string_agg(word, ''), 16) AS title
        FROM (
            -- A few words are everywhere, most are seldom.
            SELECT substr('{characters}', 1 + floor(2500 * random() ^ 3)::int, 1)
                || substr('{characters}', 1 + floor(2500 * random() ^ 2)::int, 1)
                || CASE WHEN place % 18 = 0 AND n % 2 = 0 THEN '青岛'
                    WHEN place % 30 = 0 AND n % 10 = 0 THEN '地铁'
                    WHEN place % 7 = 0 THEN '，' ELSE '' END AS word
            FROM generate_series(n - n + 1, 36) AS place
        ) AS picked
    ) AS words;
INSERT INTO articles_articletopic (article_id, topic_id, position)
    SELECT DISTINCT ON (article_id, topic_id) article_id, topic_id, place
    FROM (
        SELECT n AS article_id, place,
            CASE WHEN place = 0 AND n % 2 = 0 THEN 1 ELSE floor(81 ^ random()) END::int AS topic_id
        FROM generate_series(1, 8000) AS n, generate_series(0, 2) AS place
        WHERE n % 23 > 0 AND place <= n % 3
    ) AS members;
ANALYZE articles_article;
INSERT INTO articles_articlephoto (article_id, photo_id, position, caption)
    SELECT DISTINCT ON (article_id, photo_id) article_id, photo_id, place, ''
    FROM (
        SELECT n AS article_id, place,
            CASE WHEN place = 0 THEN 2 + n * 7 % 14000
                ELSE 2 + (n * 31 + place) % 14000 END AS photo_id
        FROM generate_series(3, 8000, 3) AS n, generate_series(0, 3) AS place
        UNION ALL SELECT n, 9, 1 FROM generate_series(2, 8000, 4) AS n
        UNION ALL SELECT 7500, place, 100 + place FROM generate_series(11, 30) AS place
    ) AS uses;
INSERT INTO articles_correction (article_id, kind, published_at, text)
    SELECT n, 'correction', now() - (8000 - n) * interval '11 hours', '更正：第' || n || '篇。'
    FROM generate_series(2, 7500, 2) AS n;
INSERT INTO articles_publicversion
        (article_id, number, kind, published_at, reason, content, sha256)
    SELECT article.id, number, CASE WHEN number = 1 THEN 'first' ELSE 'revision' END,
        article.published_at + (number - 1) * interval '1 hour', '核实后改正',
        jsonb_build_object('title', article.title || number, 'original_title', '', 'source', '',
            'byline', '', 'editor', '', 'published_at', article.published_at,
            'body', article.body, 'pictures', jsonb '[]'), repeat('0', 64)
    FROM articles_article AS article,
        generate_series(1, CASE WHEN article.id = 7500 THEN 60 ELSE 3 END) AS number
    WHERE article.id <= 7500 AND article.id % 4 = 0;
INSERT INTO articles_dailyreads (article_id, day, count)
    SELECT n, (now() AT TIME ZONE 'Asia/Shanghai')::date - ago, 1 + n * 31 % 977
    FROM generate_series(1, 7500, 3) AS n, generate_series(0, 19) AS ago;
INSERT INTO articles_recentreads (article_id, published_at, day, week, month)
    SELECT id, published_at, id * 31 % 977, id * 31 % 977 * 7, id * 31 % 977 * 20
    FROM articles_article WHERE id <= 7500 AND id % 3 = 1;
INSERT INTO articles_visit (day, article_id, visitor)
    SELECT current_date, n % 7500 + 1, decode(md5(n::text), 'hex')
    FROM generate_series(1, 5000) AS n;
INSERT INTO articles_promo (id, kind, title, note, url, photo_id, position, active)
    SELECT n, (ARRAY['link', 'image', 'qr'])[1 + n % 3], '推广' || n, '', 'https://example.com/',
        CASE WHEN n % 3 = 1 THEN n END, n, true
    FROM generate_series(1, 6) AS n;
INSERT INTO articles_page (id, slug, title, body, position, in_footer, updated_at)
    SELECT n, 'page-' || n, '单页' || n, '<p>说明</p>', n, true, now()
    FROM generate_series(1, 6) AS n;
INSERT INTO articles_licence (id, kind, text, url, position)
    SELECT n, 'icp', '鲁ICP备0000000' || n || '号', '', n FROM generate_series(1, 3) AS n;
INSERT INTO django_admin_log
        (action_time, object_id, object_repr, action_flag, change_message, content_type_id, user_id)
    SELECT now() - n * interval '1 hour', n::text, '稿件', 2, '', kind.id,
        CASE WHEN n % 2 = 0 THEN 1 ELSE 1 + n % 80 END
    FROM generate_series(8000, 1, -1) AS n, django_content_type AS kind
    WHERE kind.app_label = 'articles' AND kind.model = 'article';
INSERT INTO django_session (session_key, session_data, expire_date)
    SELECT md5(n::text), '', now() + n * interval '1 minute' FROM generate_series(1, 3000) AS n;
INSERT INTO axes_accessattempt (user_agent, ip_address, username, http_accept, path_info,
        attempt_time, get_data, post_data, failures_since_start)
    SELECT 'browser', '10.0.0.1', 'user' || n, '', '', now(), '', '', 1
    FROM generate_series(1, 300) AS n;
INSERT INTO reversion_revision (id, date_created, comment, user_id)
    SELECT n, now() - (9000 - n) * interval '10 hours', CASE WHEN n % 100 = 99 THEN '删除'
        ELSE '标题' END, 1 + n % 80
    FROM generate_series(1, 9000) AS n;
-- One in a hundred is deleted in the end; one article has a long history.
INSERT INTO reversion_version
        (object_id, format, serialized_data, object_repr, content_type_id, revision_id, db)
    SELECT number, 'json', json_build_array(json_build_object('model', 'articles.article',
            'pk', number, 'fields', json_build_object('title', '标题' || n, 'state', 'draft',
            'published_at', NULL, 'body', '<p>稿件</p>'))), '标题' || n, kind.id, n, 'default'
    FROM generate_series(1, 9000) AS n
    CROSS JOIN LATERAL (
        SELECT CASE WHEN n % 100 IN (98, 99) THEN 900000 + n / 100
            WHEN n % 150 = 0 THEN 7500 ELSE n % 8000 + 1 END AS number
    ) AS objects, django_content_type AS kind
    WHERE kind.app_label = 'articles' AND kind.model = 'article';
"""

# Numbers were given out by hand; what is saved afterwards goes on after them.
_AFTER = """
SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))
"""
_NUMBERED = (
    "articles_article", "articles_photo", "articles_topic", "articles_source", "articles_desk",
    "articles_promo", "articles_page", "articles_licence", "auth_user", "reversion_revision",
)  # fmt: skip
_LIKEN = "SELECT articles_liken(ARRAY(SELECT generate_series(5001, 7500)))"
_INDEX = """
SELECT articles_index(ARRAY(SELECT id FROM articles_article WHERE state = 'published'));
SELECT gin_clean_pending_list('searchentry_keys');
SELECT gin_clean_pending_list('article_unpublished_keys');
"""


def _characters() -> str:
    """Two and a half thousand, the common ones first; none that search reads as another."""
    common = re.findall("[\u4e00-\u9fa5]", COMMON)
    known = {*common, *VARIANTS}
    others = (chr(n) for n in range(0x4E00, 0x9FA6) if chr(n) not in known)
    return "".join([*common, *others])[:2500]


def fill() -> None:
    """Fill an empty database within the transaction that is open, and let the planner know."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS.format(characters=_characters()))
        for table in _NUMBERED:
            cursor.execute(_AFTER.format(table=table))
        cursor.execute(_INDEX)
        related.learn()
        cursor.execute(_LIKEN)
        cursor.execute("SELECT gin_clean_pending_list('likeness_pairs')")
        cursor.execute("ANALYZE")
        # As VACUUM leaves it, which can't be run within a transaction.
        cursor.execute("UPDATE pg_class SET relallvisible = relpages WHERE relkind = 'r'")
