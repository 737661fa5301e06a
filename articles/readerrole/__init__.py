"""The PostgreSQL role of a process that serves readers alone: it can't read what they may not.

`shown` says what readers may see of each table, `standing` makes the database keep to it, `role`
makes the role itself. docs/adr/0023 tells why it is made so.
"""

from articles.readerrole.role import Refused, Role, create
from articles.readerrole.standing import after_migrations, before_migrations, keep

__all__ = ["Refused", "Role", "after_migrations", "before_migrations", "create", "keep"]
