"""How the site is seen from inside: requests by numbers, logs, slow statements, figures.

Nothing of a reader's is in any of it: no address, no cookie, no words of a search
(docs/adr/0026-seeing.md).
"""
