#!/bin/sh
# Gets what the tests use beside Python, says what was found, and leaves var/parts/chromium, which starts the browser.
# As root through apt-get; otherwise Debian's packages are unpacked under var/parts. Exit 1 when something is missing.
set -eu
cd -- "$(dirname -- "$0")/../.."
mkdir -p var/parts
missing=0

say() { printf 'parts: %s\n' "$*" >&2; }

find_browser() {
    for name in ${CHROMIUM:-} chromium chromium-browser google-chrome google-chrome-stable \
        "$PWD/var/parts/browser/usr/lib/chromium/chromium"; do
        if command -v "$name" 2>/dev/null; then return; fi
    done
    return 1
}

has_chinese() {
    for folder in /usr/share/fonts /usr/local/share/fonts "${HOME:-/nowhere}/.fonts" "${HOME:-/nowhere}/.local/share/fonts" \
        var/parts/font/usr/share/fonts; do
        if [ -d "$folder" ] && find "$folder" \( -iname '*cjk*' -o -iname '*notosanssc*' -o -iname 'wqy*' \) -type f 2>/dev/null \
            | grep -q .; then return; fi
    done
    return 1
}

get() { # folder package...
    folder=$1
    shift
    say "getting $*"
    if [ "$(id -u)" = 0 ] && sh tests/parts/debs.sh install "$@"; then return; fi
    rm -rf "var/parts/$folder"
    sh tests/parts/debs.sh unpack "var/parts/$folder" "$@" || { rm -rf "var/parts/$folder"; return 1; }
}

# Warn when the version found is another than the one that was tried.
compare() { # part version
    tried=$(sed -n "s/^$1 //p" tests/parts/versions.txt)
    case $2 in
        "$tried"*) say "$1 $2" ;;
        *) say "$1 $2 (tried with $tried; going on)" ;;
    esac
}

# Playwright drives the browser by a program of its own, which needs a small library that a bare Debian lacks.
ready_driver() {
    rm -f var/parts/node
    node=$(.venv/bin/python -c 'from playwright._impl import _driver as d; print(d.compute_driver_executable()[0])') || return 1
    if "$node" --version >/dev/null 2>&1; then return; fi
    if [ ! -d var/parts/driver ]; then get driver libatomic1 || return 1; fi
    if "$node" --version >/dev/null 2>&1; then return; fi
    printf "#!/bin/sh\nexport LD_LIBRARY_PATH='%s'\nexec '%s' \"\$@\"\n" \
        "$(find "$PWD/var/parts/driver" -name 'libatomic.so.1' -exec dirname {} \;)" "$node" >var/parts/node
    chmod +x var/parts/node
    var/parts/node --version >/dev/null 2>&1
}

# A starter that knows where unpacked libraries and fonts are.
write_starter() {
    libraries=
    if [ -d var/parts/browser ]; then
        libraries=$(find "$PWD/var/parts/browser" -name '*.so*' -type f -exec dirname {} \; | sort -u | tr '\n' ':')
    fi
    {
        echo '#!/bin/sh'
        if [ -n "$libraries" ]; then echo "export LD_LIBRARY_PATH='$libraries'\${LD_LIBRARY_PATH:-}"; fi
        if [ -d var/parts/browser ] || [ -d var/parts/font ]; then echo "export FONTCONFIG_FILE='$PWD/var/parts/fonts.conf'"; fi
        echo "exec '$1' \"\$@\""
    } >var/parts/chromium.new
    chmod +x var/parts/chromium.new
    mv var/parts/chromium.new var/parts/chromium
    cat >var/parts/fonts.conf <<END
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <dir>$PWD/var/parts/browser/usr/share/fonts</dir>
  <dir>$PWD/var/parts/font/usr/share/fonts</dir>
  <cachedir>$PWD/var/parts/fontcache</cachedir>
</fontconfig>
END
}

browser=$(find_browser) || { get browser chromium && browser=$(find_browser); } || browser=
if [ -z "$browser" ]; then
    say "Chromium is missing and could not be had: the browser tests will be skipped"
    rm -f var/parts/chromium
    missing=1
elif ! has_chinese && ! get font fonts-noto-cjk; then
    say "a Chinese font is missing and could not be had: pages will show boxes for Chinese, screenshots will be poor"
    missing=1
fi
if [ -n "$browser" ]; then
    write_starter "$browser"
    version=$(var/parts/chromium --version --no-sandbox 2>/dev/null | sed -n 's/^[^0-9]*\([0-9.]*\).*/\1/p') || version=
    if [ -n "$version" ]; then
        compare chromium "$version"
    else
        say "$browser does not start: the browser tests will be skipped"
        rm -f var/parts/chromium
        missing=1
    fi
fi
if [ -n "$browser" ] && ! ready_driver; then
    say "Playwright's driver does not start: the browser tests will be skipped"
    rm -f var/parts/chromium
    missing=1
fi
# A message centre, a counter of SMS parts and a judge of pages, by npm; their scripts run on any Node.js.
npm_parts="smpp sms-segments-calculator axe-core"
has_npm() {
    for part in $npm_parts; do [ -d "var/parts/npm/node_modules/$part" ] || return 1; done
}
get_npm() {
    wanted=
    for part in $npm_parts; do
        wanted="$wanted $part@$(sed -n "s/^$part //p" tests/parts/versions.txt)"
    done
    say "getting$wanted"
    # shellcheck disable=SC2086 # several packages
    npm install --prefix var/parts/npm --no-save --no-audit --no-fund --ignore-scripts --silent $wanted
}

if ! command -v node >/dev/null 2>&1; then
    say "Node.js is missing: the tests with a message centre will be skipped"
    missing=1
elif has_npm; then
    say "$npm_parts (npm)"
elif ! command -v npm >/dev/null 2>&1 || ! get_npm; then
    say "the npm packages $npm_parts could not be had: the tests with a message centre will be skipped"
    missing=1
fi
if server=$(.venv/bin/python -m tests.postgres); then
    # shellcheck disable=SC2086 # name and version
    compare $server
else
    say "PostgreSQL is missing: the tests on it will be skipped"
    missing=1
fi
if told=$(.venv/bin/python -m bench.pbx.bundle); then
    say "$told (a switch and telephones)"
else
    say "no switch: $told; the tests with real calls will be skipped"
    missing=1
fi
exit $missing
