"""`python -m accord` is the command `accord`."""

import sys

from accord.cli.main import main

sys.exit(main())
