"""The public site as plain files (docs/freeze.md, ADR 0031).

`making` is a run; `outline` says which pages there are and what each is made of, `rendering` makes
and `keeping` writes them, `noting` remembers which stand; `asking` is the site's own answer,
`living` what is cut out of it; `finding` is what readers search by; `beside` has pictures, static
files and what nginx needs, `places` where all that stands; `links` and `checking` follow links.
`archiving` makes one file of it for web archives: `walking` says what is answered where,
`recording` and `binding` write it. `trouble` is what is said.
"""

from articles.freezing.making import Asked, Frozen, freeze
from articles.freezing.trouble import Stage, Trouble

__all__ = ["Asked", "Frozen", "Stage", "Trouble", "freeze"]
