"""The groups of a newsroom: 编辑, 主编, 管理员. Afterwards they are the administrators' to change."""

from django.db import migrations

EVERYTHING = ("view", "add", "change", "delete")
VERBS = {"view": "查看", "add": "添加", "change": "修改", "delete": "删除"}

# What may be done with which model, app by app.
EDITOR = {
    "articles": {
        "article": ("view", "add", "change", "publish"),
        "articletopic": EVERYTHING,
        "articlephoto": EVERYTHING,
        "photo": ("view", "add", "change"),
        "correction": ("view",),
        "topic": ("view",),
        "source": ("view",),
        "desk": ("view",),
    },
}
CHIEF = {
    "articles": {
        "article": (*EVERYTHING, "publish", "withdraw", "edit_any"),
        **dict.fromkeys(
            (
                "articletopic", "articlephoto", "photo", "correction", "topic", "source", "desk",
                "promo", "page", "licence",
            ),
            EVERYTHING,
        ),
    },
}
ADMINISTRATOR = {
    "articles": CHIEF["articles"],
    "auth": {"user": EVERYTHING, "group": EVERYTHING},
}
GROUPS = {"编辑": EDITOR, "主编": CHIEF, "管理员": ADMINISTRATOR}


def make_groups(apps, schema_editor):
    """Make them, with the permissions that Django itself makes only after the last migration."""
    Group = apps.get_model("auth", "Group")
    for name, leave in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        for app, models in leave.items():
            for model, actions in models.items():
                group.permissions.add(*(permission(apps, app, model, one) for one in actions))


def permission(apps, app, model, action):
    """The permission; Django finds it made when it comes to make its own."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app, model=model
    )
    options = apps.get_model(app, model)._meta
    codename = f"{action}_{model}"
    name = f"{VERBS[action]}{options.verbose_name}" if action in VERBS else ""
    names = dict(options.permissions)
    found, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": name or names[codename]}
    )
    return found


def drop_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0007_desks"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, drop_groups)]
