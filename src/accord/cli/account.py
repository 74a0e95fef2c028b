"""Who runs a command, as registers and ledgers note it."""

import getpass
import os


def account() -> str:
    """Return the account that runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"account {os.getuid()}"
