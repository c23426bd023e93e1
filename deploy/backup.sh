#!/bin/sh
# Saves the databases and the store into a new folder below the one that is named, while
# all goes on. What is in the folder is whole, or the folder ends in .part.
# The keys are saved apart from it: a backup of both together would be worth stealing.
set -eu
umask 077
target="$1/$(date -u +%Y-%m-%dT%H%M%SZ)"
mkdir "$target.part"
cd "$target.part"
# The databases first: what they name in the store is then in what is saved after them.
pg_dump --format=custom --file=ledger.dump "$LEDGER"
pg_dump --format=custom --file=registry.dump "$REGISTRY"
pg_dump --format=custom --file=accounts.dump "$ACCOUNTS"
tar --create --gzip --file=store.tar.gz --directory=/saved store mlflow
sha256sum ./*.dump ./*.tar.gz > SHA256SUMS
sync
mv "$target.part" "$target"
echo "$target"
