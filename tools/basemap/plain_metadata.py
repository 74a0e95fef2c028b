"""Leaves in a PMTiles file's metadata what a reader needs, not the command that made it."""

import gzip
import json
import struct
import sys
from pathlib import Path

KEPT = ("name", "format", "type", "version", "vector_layers")
KEPT_WHERE_THERE = ("antimeridian_adjusted_bounds",)
"""Says how far a chart reaches that goes over the antimeridian: the page asks for it."""


def main(path: Path, attribution: str) -> None:
    """Rewrite the metadata in place (PMTiles version 3: offset and length at byte 24)."""
    data = bytearray(path.read_bytes())
    offset, length = struct.unpack_from("<QQ", data, 24)
    said = json.loads(gzip.decompress(data[offset : offset + length]))
    plain = {key: said[key] for key in KEPT}
    plain |= {key: said[key] for key in KEPT_WHERE_THERE if key in said}
    plain |= {"generator": "tippecanoe v2.72.0", "attribution": attribution}
    packed = gzip.compress(json.dumps(plain, separators=(",", ":")).encode(), mtime=0)
    data[offset : offset + length] = packed + bytes(length - len(packed))
    struct.pack_into("<Q", data, 32, len(packed))
    path.write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
