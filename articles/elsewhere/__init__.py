"""Articles from other systems, as lines that the import takes (docs/import.md).

`wxr` reads a WordPress export, `shortcodes` what stands in its posts, `attachments` its pictures,
`wordpress` makes lines of it and `pages` our Pages. `mapping` reads what tells the parts of old
HTML pages apart, `encodings` their letters, `webpages` makes lines of them. `bodies` and `folder`
serve both: pictures, captions, links. `comparing` shows results beside their originals.
"""
