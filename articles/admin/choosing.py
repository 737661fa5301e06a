"""Where one of many is searched for and chosen: autocompletes that nothing breaks."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest

from articles import text


class Choice(AutocompleteSelect):
    """Django's, which asks the database for whatever was sent: what is no key names nothing."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> Any:
        """What may be chosen: nothing, and what is. One query if there is a key."""
        keys = [one for one in value if text.number(str(one)) is not None]
        return super().optgroups(name, keys, attr)


class ChoosingAdmin(ModelAdmin):
    """A form whose autocompletes take nonsense for nothing, and say so."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field; its `clean` refuses what is no choice."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault(
                "widget", Choice(db_field, self.admin_site, using=kwargs.get("using"))
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
