"""Photos by words: in what is said of them and in their files' names."""

import re

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import DataContains
from django.db.models import BigIntegerField, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact

from articles.models import Photo

MOST_WORDS = 8
_SAID = ("caption", "alt", "credit", "name")
_NUMBERS = ArrayField(BigIntegerField())
_TEXT = Func(*_SAID, function="articles_photo_text", output_field=TextField())
_KEYS = Func(*_SAID, function="articles_photo_keys", output_field=_NUMBERS)
# The beginning of a fingerprint; what is shorter is rather a word.
_FINGERPRINT = re.compile("[0-9a-f]{8,64}")


def holding(photos: QuerySet[Photo], typed: str) -> QuerySet[Photo]:
    """Those that hold each of the words, however it is written (as search folds it).

    An index of pairs and characters finds them (migration 0015); words that are in many photos
    are soon met in the newest.
    """
    for word in typed.replace("\x00", "").split()[:MOST_WORDS]:
        photos = photos.filter(_holds(word))
    return photos


def _holds(word: str) -> Q:
    folded = Func(Value(word), function="articles_fold", output_field=TextField())
    parts = [
        Func(folded, Value(0), function=f"articles_{kind}", output_field=_NUMBERS)
        for kind in ("pairs", "characters")
    ]
    keys = Func(*parts, function="array_cat", output_field=_NUMBERS)
    # Said so that the planner takes it for a check which hardly any fails that has the keys.
    found = Q(DataContains(_KEYS, keys)) & ~Q(Exact(StrIndex(_TEXT, folded), 0))
    if _FINGERPRINT.fullmatch(word.lower()):
        found |= Q(sha256__startswith=word.lower())
    return found
