"""Whether the site on this machine is well: exit status 0 if /healthz says so. Stdlib alone."""

import http.client
import os
import sys

address = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=4)
try:
    address.request("GET", "/healthz")
    status = address.getresponse().status
except OSError as error:
    sys.exit(f"no answer: {error}")
sys.exit(0 if status == http.HTTPStatus.OK else f"status {status}")
