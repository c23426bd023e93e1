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
# What writes to the store waits meanwhile, or is waited for: a manifest and the files that
# it lists are saved together. Nobody has written yet if there is no lock.
if [ -e /saved/store/lock ]; then
    exec 9< /saved/store/lock
    flock --shared 9
fi
# The registry's files have no lock: if one changed while it was read, tar ends with 1.
tries=5
until tar --create --gzip --file=store.tar.gz --directory=/saved store mlflow; do
    status=$? tries=$((tries - 1))
    if [ "$status" -ne 1 ] || [ "$tries" -eq 0 ]; then
        echo "the store or the registry's files could not be read; run it again later" >&2
        exit "$status"
    fi
    sleep 10
done
sha256sum ./*.dump ./*.tar.gz > SHA256SUMS
sync
mv "$target.part" "$target"
echo "$target"
