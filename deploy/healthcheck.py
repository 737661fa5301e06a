"""Whether the site on this machine is well: exit status 0 if it says so. Stdlib alone.

/healthz, which tells that the process answers, or the address that is named: /readyz tells whether
database, migrations, disk and search are there as well.
"""

import http.client
import os
import sys

path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
address = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
token = os.environ.get("METRICS_TOKEN")
try:
    address.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    status = address.getresponse().status
except OSError as error:
    sys.exit(f"no answer: {error}")
sys.exit(0 if status == http.HTTPStatus.OK else f"status {status}")
