"""Fields that keep a promise of their own."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from articles.sanitizer import sanitize

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class BodyField(_TextField):
    """HTML that is sanitized on its way into the database, whichever way it goes.

    `save`, `bulk_create`, `update` and raw loading of fixtures all pass `get_db_prep_save`;
    `save` and `bulk_create` also leave the clean body on the instance.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Clean the instance's own copy, so that it equals what is stored."""
        clean = sanitize(getattr(model_instance, self.attname) or "")
        setattr(model_instance, self.attname, clean)
        return clean

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """Clean what is written; sanitizing is idempotent, so twice does no harm."""
        if isinstance(value, str):
            value = sanitize(value)
        return super().get_db_prep_save(value, connection)
