"""The site's settings in that version."""

from xinwang.settings import *  # noqa: F403
from xinwang.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.newer"]
SITE_NAME = "信网新版"
