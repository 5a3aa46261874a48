# The map page: Node comes from a wheel, the packages from the page's lock. Sourced by ./gridwhistle.
# shellcheck shell=sh disable=SC2154  # root, venv: set by ./gridwhistle

page=$root/api/page

# One checksum over everything the built page is made from.
page_checksum() {
    find "$page" \( -name node_modules -o -name dist \) -prune -o -type f -print \
        | LC_ALL=C sort | while read -r file; do cksum <"$file"; done | cksum
}

build_page() {
    [ -f "$page/package.json" ] || return 0
    page_is_built && return
    (
        flock 9
        page_is_built || make_page
    ) 9>"$root/.venv.lock" || exit 1
}

page_is_built() {
    [ -f "$page/dist/.sources" ] && [ "$(cat "$page/dist/.sources")" = "$(page_checksum)" ]
}

# Node brings its own list of authorities; a company's proxy is in the system's.
trust_system_certificates() {
    certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
    if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r "$certificates" ]; then
        export NODE_EXTRA_CA_CERTS="$certificates"
    fi
}

make_page() {
    say "==> 地图页面 Map page"
    has_home || export npm_config_cache="$page/node_modules/.cache/npm"
    cd "$page" || exit 1
    PATH=$venv/bin:$PATH
    trust_system_certificates
    if ! cmp -s package-lock.json node_modules/.gridwhistle-lock; then
        npm ci --no-audit --no-fund >&2 \
            || fail "the page's packages could not be installed: see the lines above (network, npm's registry, proxy)"
        cp package-lock.json node_modules/.gridwhistle-lock
    fi
    npm run --silent build >&2 || fail "the map page could not be built: see the lines above"
    page_checksum >dist/.sources
}
