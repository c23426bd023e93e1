#!/bin/sh
# Puts a folder that backup.sh made in the place of all that is there now.
# Nothing else may run meanwhile.
set -eu
umask 077
cd "$1"
sha256sum --check --quiet SHA256SUMS
for pair in "ledger.dump $LEDGER" "registry.dump $REGISTRY" "accounts.dump $ACCOUNTS"; do
    pg_restore --exit-on-error --single-transaction --no-owner --clean --if-exists \
        --dbname="${pair#* }" "${pair%% *}"
done

find /saved/store /saved/mlflow -mindepth 1 -delete
tar --extract --gzip --file=store.tar.gz --directory=/saved
echo "restored $1"
