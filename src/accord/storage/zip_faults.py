"""What is raised where a zip is damaged, or of a kind that cannot be read."""

import lzma
import zipfile
import zlib

ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    UnicodeDecodeError,  # a name that is said to be UTF-8, and is not
    NotImplementedError,  # a way of packing that Python's zipfile has not
    RuntimeError,  # encrypted
    EOFError,
    OSError,
)
"""Of a zip in a file; of one in memory there is ValueError too, for a place before its begin."""


def fault_said(error: Exception) -> str:
    """Return what is wrong with a zip, without the path at which it lies here."""
    return (isinstance(error, OSError) and error.strerror) or str(error)
