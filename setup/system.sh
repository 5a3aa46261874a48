# System packages: PostgreSQL with PostGIS, and a Python to begin with. Sourced by ./gridwhistle.
# shellcheck shell=sh

# A server of version 15 or later with PostGIS.
has_postgis() {
    for control in /usr/share/postgresql/*/extension/postgis.control; do
        version=${control#/usr/share/postgresql/}
        version=${version%%/*}
        case $version in '' | *[!0-9]*) continue ;; esac
        if [ "$version" -ge 15 ] && [ -x "/usr/lib/postgresql/$version/bin/pg_ctl" ]; then
            return 0
        fi
    done
    return 1
}

# DATABASE_URL takes the place of our own server, but the tests start one.
has_real_server() { [ -n "${DATABASE_URL:-}" ] && [ "$1" != test ]; }

has_browser() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
        || command -v google-chrome >/dev/null
}

has_chinese_font() {
    for font in /usr/share/fonts/*/*/*CJK* /usr/share/fonts/*/*/wqy*; do
        [ ! -e "$font" ] || return 0
    done
    return 1
}

# An MQTT broker for the tests; Debian puts it where only root's PATH leads.
has_broker() { command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ]; }

# The names of the packages that command $1 lacks, one line.
missing_packages() {
    if ! { has_postgis || has_real_server "$1"; }; then
        printf 'postgresql %s ' "$(postgis_package)"
    fi
    [ -e /etc/ssl/certs/ca-certificates.crt ] || printf 'ca-certificates '
    if [ -z "$(find_python)" ] && ! can_make_venv python3; then
        printf 'python3 python3-venv '
    fi
    if [ "$1" = test ]; then
        has_browser || is_snap_only chromium || printf 'chromium '
        has_chinese_font || printf 'fonts-noto-cjk '
        has_broker || printf 'mosquitto '
    fi
}

# Debian and Ubuntu call the newest one postgresql-postgis; elsewhere it carries the version.
postgis_package() {
    if ! is_known postgresql-postgis; then
        newest=$(apt-cache pkgnames postgresql- 2>/dev/null \
            | sed -n 's/^postgresql-\([0-9]*\)-postgis-3$/\1/p' | sort -n | tail -n 1)
        if [ -n "$newest" ]; then
            printf 'postgresql-%s-postgis-3' "$newest"
            return
        fi
    fi
    printf 'postgresql-postgis'
}

is_known() { apt-cache show "$1" >/dev/null 2>&1; }

# Ubuntu has Chromium only as a snap, which no test can drive.
is_snap_only() {
    grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null || return 1
    say "Ubuntu 的 $1 只有 snap 版，浏览器测试将跳过 / $1 is only a snap here: browser tests are skipped"
}

install_system_packages() {
    missing=$(missing_packages "$1")
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null || fail "needs these packages (Debian's names): $missing"
    as_root=$(way_to_root) || stop_with_the_line "$missing"
    say "==> 系统软件 System packages: $missing"
    run_apt update || fail "apt-get update failed: see the lines above (network, mirror, proxy)"
    missing=$(missing_packages "$1") # names as the fresh lists know them
    # shellcheck disable=SC2086  # words
    run_apt install -y --no-install-recommends $missing \
        || fail "apt-get install failed: see the lines above"
}

# apt-get with a progress bar in place of its hundreds of lines; those are shown when it fails.
run_apt() {
    apt_log=$(mktemp)
    # sudo drops the proxy's settings and open files, so the former are handed over by name and
    # the latter made behind it.
    # shellcheck disable=SC2016  # for the inner shell
    {
        $as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
            ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
            sh -c 'exec 3>&1 >"$0" 2>&1; exec apt-get "$@"' "$apt_log" \
            -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3 "$@" \
            || echo failed:::
    } | show_progress || { tail -n 20 "$apt_log" >&2; return 1; }
    rm -f "$apt_log"
}

# apt's status lines (kind:package:percent:words) as a bar on a terminal; fails when apt did.
show_progress() {
    failed=
    while IFS=: read -r kind _ percent what; do
        [ "$kind" != failed ] || failed=yes
        if [ -z "$percent" ] || [ ! -t 2 ]; then continue; fi
        done_of_20=$((${percent%%.*} / 5))
        bar=$(printf '%*s' "$done_of_20" '' | tr ' ' '#')
        printf '\r    [%-20s] %3d %% %-50.50s' "$bar" "${percent%%.*}" "$what" >&2
    done
    [ ! -t 2 ] || printf '\r%80s\r' '' >&2
    [ -z "$failed" ]
}

# `sudo` where it helps, nothing as root; fails when there is no way.
way_to_root() {
    [ "$(id -u)" -ne 0 ] || return 0
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || [ -t 0 ] || return 1
    printf sudo
}

stop_with_the_line() {
    say "gridwhistle: 缺少系统软件，请管理员运行下面一行，然后再试 / system packages are missing; let an administrator run this line, then try again:"
    say "  apt-get update && apt-get install -y --no-install-recommends $1"
    exit 1
}
