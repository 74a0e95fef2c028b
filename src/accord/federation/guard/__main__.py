"""`python -m accord.federation.guard`: the guard of one partner, as the node starts it."""

import sys

from accord.federation.guard.guard import begun
from accord.federation.guard.life import live

sys.exit(live(begun))
