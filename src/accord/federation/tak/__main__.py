"""`python -m accord.federation.tak`: the guard of one TAK server, as the node starts it."""

import sys

from accord.federation.guard.life import live
from accord.federation.tak.guard import begun

sys.exit(live(begun))
