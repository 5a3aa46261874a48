# Python 3.12 or later, and the packages of the lock in .venv. Sourced by ./gridwhistle.
# shellcheck shell=sh disable=SC2154  # root, venv: set by ./gridwhistle

bootstrap=$root/.venv-uv # a small environment that holds uv
stamp=$venv/gridwhistle-packages

is_new_enough() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null
}

can_make_venv() { "$1" -c 'import venv, ensurepip' 2>/dev/null; }

# The best Python >= 3.12 with venv, or nothing.
find_python() {
    candidates | while read -r candidate; do
        if is_new_enough "$candidate"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            break
        fi
    done
}

# pyenv's shims fail outside of their versions, so its folders are looked through as well.
candidates() {
    printf '%s\n' python3.13 python3.12 python3
    {
        printf '%s\n' "${PYENV_ROOT:-}" "${HOME:-}/.pyenv"
        printf '%s\n' "$PATH" | tr : '\n' | sed -n 's#/shims/*$##p; s#/bin/*$##p'
    } | while read -r folder; do
        for found in "$folder"/versions/3.1[23].*/bin/python; do
            [ ! -e "$found" ] || printf '%s\n' "$found"
        done
    done
    printf '%s\n' python3.14
}

# What must be installed: the lock of set $1 (run or test).
lock_of() { if [ "$1" = test ]; then echo "$root/requirements-test.txt"; else echo "$root/requirements.txt"; fi; }
# The path is part of it: the scripts of an environment that was moved name the old place.
state_of() { echo "$1 $(cksum <"$(lock_of "$1")") $root"; }

# The set for tests holds the other one as well.
is_installed() {
    [ -x "$venv/bin/python" ] && [ -f "$stamp" ] || return 1
    read -r installed <"$stamp"
    [ "$installed" = "$(state_of test)" ] || [ "$installed" = "$(state_of "$1")" ]
}

install_python_packages() {
    is_installed "$1" && return
    (
        flock 9 # two launchers at once take turns
        is_installed "$1" || fill_venv "$1"
    ) 9>"$root/.venv.lock" || exit 1
}

# A .venv that once held the tests' packages keeps them.
set_to_install() {
    if [ -f "$stamp" ] && grep -q '^test' "$stamp"; then echo test; else echo "$1"; fi
}

was_moved() { [ -f "$stamp" ] && ! grep -qF " $root" "$stamp"; }

has_home() { [ -n "${HOME:-}" ] && [ -w "$HOME" ]; }

# set -e does not hold in here (the caller asks for the outcome), so each step says `|| fail`.
fill_venv() {
    chosen=$(set_to_install "$1")
    say "==> Python 软件包 Python packages ($(basename "$(lock_of "$chosen")"))"
    has_home || export UV_CACHE_DIR="$bootstrap/cache"
    python=$(find_python)
    make_bootstrap "${python:-python3}"
    ! was_moved || rm -rf "$venv"
    rm -f "$stamp"
    # What pip was told about mirrors and certificates, told to uv.
    settings=$("$bootstrap/bin/python" "$root/setup/uv_settings.py") \
        || fail "pip's configuration can't be read: see the lines above"
    eval "$settings"
    if ! is_new_enough "$venv/bin/python"; then
        "$bootstrap/bin/uv" venv -q --clear --no-project --python "${python:-3.12}" "$venv" \
            || no_python "${python:-}"
    fi
    # Compiled here and once: where nothing is written beside the sources at run time (another user,
    # PYTHONDONTWRITEBYTECODE), every process would compile them anew, for seconds each.
    # shellcheck disable=SC2046  # nothing, or a word
    "$bootstrap/bin/uv" $(quiet_unless_watched) pip sync --python "$venv/bin/python" \
        --require-hashes --no-build --compile-bytecode "$(lock_of "$chosen")" \
        || fail "the Python packages could not be installed: see the lines above (network, mirror, proxy)"
    say_where_the_project_is
    # So that the first start needn't; what it can't make here it makes then.
    "$venv/bin/python" -P -m routing.machine_code 2>/dev/null || :
    state_of "$chosen" >"$stamp"
}

# On a terminal uv draws bars; elsewhere it would print a line for every package.
quiet_unless_watched() { [ -t 2 ] || echo --quiet; }

make_bootstrap() {
    if "$bootstrap/bin/python" -m pip --version >/dev/null 2>&1 \
        && cmp -s "$root/setup/uv.txt" "$bootstrap/uv.txt"; then
        return
    fi
    can_make_venv "$1" || fail "no Python with venv here: apt-get install python3 python3-venv"
    "$1" -m venv --clear "$bootstrap" || fail "no environment could be made in $bootstrap"
    "$bootstrap/bin/python" -m pip install -q --disable-pip-version-check --require-hashes \
        -r "$root/setup/uv.txt" || fail "uv could not be installed: see the lines above"
    cp "$root/setup/uv.txt" "$bootstrap/uv.txt"
}

no_python() {
    if [ -n "$1" ]; then
        fail "no environment could be made with $1"
    fi
    fail "没有 Python 3.12 或更新的版本，也未能下载 / there is no Python 3.12 or later, and uv could not fetch one (see above): install python3.12, or allow the download"
}

# For tools that are started without ./gridwhistle.
say_where_the_project_is() {
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$root" >"$site/gridwhistle.pth"
}
