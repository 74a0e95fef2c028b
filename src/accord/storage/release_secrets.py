"""The secret of each partner that names and shifts are made with (release/secret.py), on disk.

It stays when the partner is removed: without it nobody could say any more which object a line of
the ledger is of.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from accord.core.errors import AccordError

SECRETS = Path("federation/secrets")
"""Where a node keeps them, in its directory: one file for each partner."""

SECRET_BYTES = 32


def secret_of(directory: Path, partner: str) -> bytes | None:
    """Return the secret of a partner, None where it has none. AccordError: it cannot be read."""
    path = directory / SECRETS / partner
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AccordError(f"cannot read {path}: {error.strerror}") from None
    if len(found) != SECRET_BYTES:
        raise AccordError(f"{path} has {len(found)} bytes, and a secret {SECRET_BYTES}")
    return found


def make_secret(directory: Path, partner: str) -> bytes:
    """Return the secret of a partner, which is made, for its owner only, where there is none."""
    found = secret_of(directory, partner)
    if found is not None:
        return found
    path = directory / SECRETS / partner
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Linked when it is whole, which fails where another process was first.
        with NamedTemporaryFile(dir=path.parent, prefix=".new-") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(file.name, path)
    except OSError as error:
        raise AccordError(f"cannot write {path}: {error.strerror}") from None
    return make_secret(directory, partner)


def partners_with_secrets(directory: Path) -> list[str]:
    """Return which partners there is a secret of."""
    return sorted(each.name for each in (directory / SECRETS).glob("[!.]*"))
