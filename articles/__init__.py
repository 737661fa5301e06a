"""The archive: what it keeps, what it can do, and the pages that show it."""
