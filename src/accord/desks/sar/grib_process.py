"""`python -m accord.desks.sar.grib_process`: makes NetCDF on its output of GRIB on its input.

A process of its own, since a file from outside must not end the node with it.
"""

import resource
import sys

from accord.search import grib
from accord.search.fault import SearchError

ABSENT = (
    "it is read with eccodes, which is not installed here: pip install 'accord[grib]', or make it "
    "NetCDF (grib_to_netcdf, cdo)"
)

MAX_MEMORY = 4 << 30
"""Bytes that it may take."""


def main() -> int:
    """Make it; what is wrong is the last line of its errors, and its code 1."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    try:
        made = grib.read(sys.stdin.buffer.read())
    except ImportError:
        sys.stderr.write(f"{ABSENT}\n")
        return 1
    except SearchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Exception as error:  # noqa: BLE001 - a broken file makes the library raise anything
        sys.stderr.write(f"it cannot be read: {error}\n")
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
