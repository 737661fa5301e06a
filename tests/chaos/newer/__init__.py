"""The site's next version, as a deploy brings it: one more migration, another name."""
