#!/bin/sh
# Installs the programs that stand in for the gateways, made by others, into one directory: what of them this machine
# has the tools for. Usage: tests/peers/install.sh [DIRECTORY]
set -eu
requirements=$(cd "$(dirname "$0")/../../requirements" && pwd)
directory=${1:-.local/peers}
mkdir -p "$directory"
directory=$(cd "$directory" && pwd)

if command -v npm >/dev/null && [ ! -d "$directory/node_modules/emulate" ]; then
    npm install --silent --no-fund --no-audit --prefix "$directory" emulate@0.11.2
fi
if command -v go >/dev/null && [ ! -x "$directory/bin/stripe-mock" ]; then
    GOBIN="$directory/bin" go install github.com/stripe/stripe-mock@v0.203.0
fi
if [ ! -x "$directory/payu/bin/getpaid-simulator" ]; then
    "${PYTHON:-python3}" -m venv "$directory/payu"
    # Declared for Python 3.12 and later; it runs on 3.11 as well.
    "$directory/payu/bin/python" -m pip install --quiet --ignore-requires-python \
        --require-hashes --requirement "$requirements/payu-peer.txt"
fi
if [ ! -d "$directory/alipay" ]; then
    "${PYTHON:-python3}" -m venv "$directory/alipay"
    "$directory/alipay/bin/python" -m pip install --quiet \
        --require-hashes --requirement "$requirements/alipay-peer.txt"
fi
