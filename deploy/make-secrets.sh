#!/bin/sh
# Makes what is secret, each in a file of its own that one container may read. Files that
# are there are left alone, so that it can be run again. Run it as root.
set -eu
umask 077
folder="${1:-secrets}"
postgres_uid="${POSTGRES_UID:-999}" lamppost_uid="${LAMPPOST_UID:-10001}"
mkdir -p "$folder"
chmod 711 "$folder"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# keep FILE OWNER: what is read becomes a file, unless there is one.
keep() {
    if [ -e "$folder/$1" ]; then cat > /dev/null; return; fi
    cat > "$folder/$1.new"
    chown "$2" "$folder/$1.new" && chmod 400 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
}

# A role of the database: its password for the database, and for who signs in with it.
role() {
    random | keep "$1_password" "$postgres_uid"
    printf 'db:5432:%s:%s:%s\n' '*' "$2" "$(cat "$folder/$1_password")" \
        | keep "$1_pgpass" "$lamppost_uid"
}

random | keep postgres_password "$postgres_uid"
role ledger_owner lamppost_owner
role ledger lamppost
role mlflow mlflow
random | keep mlflow_admin_password "$lamppost_uid"
random | keep mlflow_form_key "$lamppost_uid"
printf '[mlflow]\nmlflow_tracking_username = lamppost\nmlflow_tracking_password = %s\n' \
    "$(random)" | keep mlflow_credentials "$lamppost_uid"
random | keep metrics_token "$lamppost_uid"
