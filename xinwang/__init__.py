"""The site that serves the archive: settings, addresses, entry points, embedded database."""
