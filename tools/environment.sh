# Sourced by ./accord, ./check and ./test, with $here set to the checkout.
# Makes .venv from the hashed locks on first use, and brings it up to date when they change; builds the page when that does.
# Asks the package index for nothing while the locks stay as they are.

python=$here/.venv/bin/python
attempts=3

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "accord: $*"
    exit 1
}

# has_python NAME: is it 3.11 or newer? A name on PATH need not have an interpreter behind it.
has_python() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

can_make_environments() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null || command -v uv >/dev/null
}

choose_python() {
    local name found=
    for name in python3.13 python3.12 python3.11 python3; do
        has_python "$name" || continue
        found=$name
        if can_make_environments "$name"; then
            printf '%s\n' "$name"
            return
        fi
    done
    if [ -n "$found" ]; then
        fail "$found cannot make environments: install $found-venv (apt-get install $found-venv)"
    fi
    fail "needs Python 3.11 or newer; none was found (Debian: apt-get install python3 python3-venv)"
}

make_environment() {
    local base
    base=$(choose_python) || exit 1
    if command -v uv >/dev/null; then
        uv venv --quiet --allow-existing --python "$base" "$1"
    else
        "$base" -m venv "$1"
    fi
}

# again COMMAND...: downloads fail now and then; what has been fetched stays in the cache.
again() {
    local attempt
    for ((attempt = 1; attempt <= attempts; attempt++)); do
        "$@" && return
        if ((attempt < attempts)); then sleep $((attempt * 3)); fi
    done
    return 1
}

# install INTO ARGUMENTS...
install() {
    local into=$1
    shift
    if command -v uv >/dev/null; then
        again uv pip install --quiet --python "$into/bin/python" "$@"
    else
        again "$into/bin/python" -m pip --disable-pip-version-check install --quiet --retries 5 "$@"
    fi
}

# install_lock INTO LOCK: what the lock lists and nothing else. It is whole, and is not resolved again: where a
# package is asked for with extras, pip 23 looks past the lock to the newest release, and refuses that.
install_lock() {
    install "$1" --no-deps --require-hashes -r "$2"
}

# what_it_is_made_from LOCK: an environment is right as long as this stays the same.
what_it_is_made_from() {
    printf '%s\n' "$here"
    "$python" -V 2>&1
    cat "$here/pyproject.toml" "$here/$1"
}

is_up_to_date() {
    [ -x "$python" ] && what_it_is_made_from "$1" | cmp -s - "$here/.venv/$1"
}

bring_up_to_date() {
    say "accord: setting up .venv from $1 (needs the package index; once)"
    if ! [ -x "$python" ] || ! { command -v uv || "$python" -m pip --version; } >/dev/null 2>&1; then
        make_environment "$here/.venv" || fail "could not make $here/.venv"
    fi
    if ! install_lock "$here/.venv" "$here/$1" ||
        ! install "$here/.venv" --no-build-isolation --no-deps -e "$here"; then
        fail "could not install what $1 lists; is the package index reachable?"
    fi
    what_it_is_made_from "$1" >"$here/.venv/$1"
}

# one_at_a_time COMMAND...: a second caller waits for the first, where the system has flock.
one_at_a_time() {
    if ! { mkdir -p "$here/.cache" && : >>"$here/.cache/set-up.lock"; } 2>/dev/null; then
        fail "cannot write $here/.cache to set up .venv: run ./accord --version once as the owner of $here"
    fi
    (
        if command -v flock >/dev/null; then flock 9; fi
        "$@"
    ) 9>"$here/.cache/set-up.lock"
}

update_unless_done() {
    is_up_to_date "$1" || bring_up_to_date "$1"
}

# prepare LOCK: afterwards $python has everything in LOCK and this checkout, with its page where that can be built.
prepare() {
    is_up_to_date "$1" || one_at_a_time update_unless_done "$1" || exit 1
    is_page_fresh || one_at_a_time build_page
}

# Nothing that the page is built from is newer than the page (tools/page.py knows the same).
is_page_fresh() {
    local built=$here/src/accord/page/index.html web=$here/web
    [ -f "$built" ] && [ -z "$(find "$web/index.html" "$web/package-lock.json" "$web/svelte.config.js" \
        "$web/vite.config.ts" "$web/src" -type f -newer "$built" -print -quit)" ]
}

# A node runs without its page as well, and says how it is built.
build_page() {
    local result=0
    "$python" "$here/tools/page.py" --if-stale || result=$?
    if ((result == 3)); then
        say "accord: fetching the Node.js that PyPI carries, to build the page with (once)"
        result=0
        install_lock "$here/.venv" "$here/requirements-page.lock" &&
            "$python" "$here/tools/page.py" --if-stale || result=$?
    fi
    ((result == 0)) || say "accord: the page was not built; all but it works. Try again with tools/page.py"
}
