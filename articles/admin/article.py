"""Articles on the editors' desk."""

from typing import Any, cast

from adminsortable2.admin import SortableAdminBase
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.forms import HiddenInput, ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin import actions, notable, preview, submit, writing
from articles.admin.body import BodyAdmin
from articles.admin.choosing import ChoosingAdmin
from articles.admin.deleting import CountedDeletion
from articles.admin.inlines import CorrectionInline, PhotoInline, TopicInline
from articles.admin.listing import ListedArticles
from articles.admin.presence import PresenceAdmin
from articles.admin.reads import chart, top_of_day
from articles.admin.recovery import PermanentAdmin
from articles.models import Article, ArticlePhoto, Desk
from articles.newsroom import permissions

# A change in one of these is a change of substance to a published article.
SUBSTANCE = {"title", "original_title", "body", "byline"}
State = Article.State


@admin.register(Article)
class ArticleAdmin(
    SortableAdminBase, ListedArticles, ChoosingAdmin, BodyAdmin, PermanentAdmin, PresenceAdmin,
    CountedDeletion,
):  # fmt: skip
    """Articles."""

    form = submit.DeskForm
    autocomplete_fields = ["source", "lead_photo"]
    readonly_fields = [
        "id",
        "status",
        "reads",
        "reads_chart",
        "legacy_id",
        "revised_at",
        "created_at",
        "updated_at",
        "checks",
    ]
    save_on_top = True
    inlines = [TopicInline, PhotoInline, CorrectionInline]
    actions = actions.ALL

    def get_urls(self) -> list[URLPattern]:
        """The most read of a day, beside the list; checks and previews, beside each article."""
        top = self.admin_site.admin_view(top_of_day)
        return [
            path("reads/", top, name="articles_article_reads"),
            *writing.urls(self.admin_site),
            *preview.urls(self),
            *super().get_urls(),
        ]

    # -- what it looks like ----------------------------------------------------------------------

    @admin.display(description="每日阅读")
    def reads_chart(self, article: Article) -> SafeString | str:
        """The last days' reads, once there is an article."""
        return chart(article) if article.pk else ""

    @admin.display(description="发布前检查")
    def checks(self, article: Article) -> SafeString:
        """What to look at again before it goes out."""
        return writing.panel(article)

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        """The reason for a withdrawal, and what readers are told, stand there where they can be."""
        reason = []
        if obj and obj.is_public and permissions.may_withdraw(request.user, obj):
            reason = ["restoration_note" if obj.state == State.WITHDRAWN else "withdrawal_reason"]
        elsewhere = ("status", "checks")
        archive = [name for name in self.readonly_fields if name not in elsewhere]
        publishing = ["status", "state", "published_at", *reason, "lead_photo", "age_notice"]
        if not self._may_write(request, obj):
            publishing.remove("state")  # nothing to send, and said by its name above
        public = bool(obj and obj.is_public and obj.state == State.PUBLISHED)
        told = public and self._may_write(request, obj)
        return [
            (None, {"fields": ["title", "original_title", "body", "checks"]}),
            ("出处", {"fields": ["source", "editor", "byline", "desk"]}),
            ("发布", {"fields": publishing}),
            *([("告诉读者", {"fields": notable.FIELDS})] if told else []),
            ("档案", {"classes": ["collapse"], "fields": ["legacy_url", *archive]}),
        ]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The buttons say the state."""
        if db_field.name == "state":
            kwargs["widget"] = HiddenInput
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """One's own desks, for who doesn't work everywhere."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "desk" and field and not permissions.works_everywhere(request.user):
            field.queryset = Desk.objects.of(request.user)
        return field

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form knows who fills it in."""
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What an address proposes; it belongs to its writer's desk, if there is one alone.

        No publish time: its widget cannot show the words of an address.
        """
        desks = list(permissions.desk_ids(request.user))
        own = {"desk": str(desks[0])} if len(desks) == 1 else {}
        proposed = super().get_changeform_initial_data(request)
        proposed.pop("published_at", None)
        return own | proposed

    def get_view_on_site_url(self, obj: Article | None = None) -> str | None:
        """The permalink, once there is something to see at it."""
        return obj.get_absolute_url() if obj and obj.is_public else None

    # -- who may what ----------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Their desk's articles; any, as far as lists and menus ask."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or permissions.may_edit(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Drafts; what readers have had is withdrawn."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or permissions.may_delete(request.user, obj))

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether there is anything that they may publish."""
        return permissions.may_publish(request.user)

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Whether they may take articles back."""
        return permissions.may_withdraw(request.user)

    def _may_write(self, request: HttpRequest, obj: Article | None) -> bool:
        if obj is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, obj)

    # -- writing ---------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form with its buttons; what was posted, with the state that the button means."""
        article = self.get_object(request, unquote(object_id)) if object_id else None
        if request.method == "POST" and self._may_write(request, article):
            request.POST = submit.settle(request.POST, request.user, article)  # type: ignore[assignment]
        written = self._may_write(request, article)
        row: dict[str, Any] = {"buttons": submit.buttons(request.user, article) if written else []}
        if article is None or article.state == State.DRAFT:
            # 存为草稿 and 发布 are the two ways to save what isn't out yet.
            row |= dict.fromkeys(
                ("show_save", "show_save_and_add_another", "show_save_and_continue"), False
            )
        return super().changeform_view(
            request, object_id, form_url, {**row, **(extra_context or {})}
        )

    def save_model(self, request: HttpRequest, obj: Article, form: ModelForm, change: bool) -> None:
        """Save; date a change of substance; withdraw and restore with their public notes."""
        before = form.initial.get("state") if change else State.DRAFT
        was_public = cast("submit.DeskForm", form).was_public
        if was_public and SUBSTANCE & set(form.changed_data):
            obj.revised_at = timezone.now()
        super().save_model(request, obj, form, change)
        if obj.state == State.WITHDRAWN and before != State.WITHDRAWN:
            obj.withdraw(form.cleaned_data["withdrawal_reason"])
            self._tell(request, obj, "已撤稿，原网址上是撤稿说明：")
        elif obj.state == State.PUBLISHED and before == State.WITHDRAWN:
            obj.restore(form.cleaned_data["restoration_note"])
            self._tell(request, obj, "已恢复发布，读者又能看到：")
        elif obj.state == State.PUBLISHED and obj.is_public and not was_public:
            self._tell(request, obj, "已发布，读者现在就能看到：")
        elif obj.is_scheduled and {"state", "published_at"} & set(form.changed_data):
            at = timezone.localtime(obj.published_at)
            self.message_user(request, f"已定时：{at:%Y-%m-%d %H:%M} 自动发布。")

    def _tell(self, request: HttpRequest, article: Article, done: str) -> None:
        """Say what readers now see, and where."""
        path = article.get_absolute_url()
        self.message_user(request, format_html('{}<a href="{}">{}</a>。', done, path, path))

    def restoring(self, obj: Article, changed: set[str]) -> None:
        """An old text that comes back is a change of substance, too."""
        if obj.is_public and SUBSTANCE & changed:
            obj.revised_at = timezone.now()

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Save topics, photos and notes; the lead photo is one of the photos, the first if none."""
        super().save_related(request, form, formsets, change)
        article: Article = form.instance
        writing.complete_gallery(article)
        photos = list(article.gallery.values_list("photo_id", flat=True))
        if article.lead_photo_id is None and photos:
            article.lead_photo_id = photos[0]
            article.save(update_fields=["lead_photo"])
        elif article.lead_photo_id and article.lead_photo_id not in photos:
            ArticlePhoto.objects.create(article=article, photo_id=article.lead_photo_id)
        added = [row for rows in formsets for row in getattr(rows, "new_objects", ())]
        notable.tell(request, cast("notable.NotableForm", form), added)
        writing.warn(request, article)
