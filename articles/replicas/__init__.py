"""Reading from several of the database's servers: the primary and its streaming replicas.

`servers` knows how each of them is and says whom to ask, `watching` finds it out, and `door` has a
request read from the one, and from the next if that fails. Where settings.REPLICAS is empty, none
of this is there (docs/adr/0032).
"""

from articles.replicas.door import Standings, reading_from
from articles.replicas.servers import Servers, Told
from articles.replicas.watching import primary_is_away, told, watched

__all__ = ["Servers", "Standings", "Told", "primary_is_away", "reading_from", "told", "watched"]
