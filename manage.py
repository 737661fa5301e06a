#!/usr/bin/env python
"""Command line of the archive. Without DATABASE_URL it starts the embedded PostgreSQL first."""

import os
import sys

from xinwang import entry

# These touch no database, and must work where none can run (an image build, a bare checkout).
WITHOUT_DATABASE = {"collectstatic", "help", "makemessages", "compilemessages", "version"}


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
    entry.prepare(database=not WITHOUT_DATABASE & set(sys.argv[1:2]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
