#!/bin/sh
# Installs the farm line from this unpacked bundle, without a network: sh install.sh
set -eu
cd -- "$(dirname -- "$0")"
if command -v sha256sum >/dev/null; then
    sha256sum --quiet --check SHA256SUMS || { echo "install: this copy of the bundle is damaged; copy it again." >&2; exit 1; }
fi
./run install
cat <<END
Installed in $PWD/.venv. Next:
  ./run demo                    a demo county, to look at (it reaches nobody)
  .venv/bin/farmerline init     your own county
  .venv/bin/farmerline check    is everything in order?
docs/operations.md tells the rest.
END
