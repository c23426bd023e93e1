-- Run once by the database's image, as its administrator, when its volume is empty.
-- The passwords stand in files; each line's comment says whose it is.
\set ledger_owner `cat "${SECRETS:-/run/secrets}/ledger_owner_password"`
\set ledger `cat "${SECRETS:-/run/secrets}/ledger_password"`
\set mlflow `cat "${SECRETS:-/run/secrets}/mlflow_password"`

-- Owns the ledger's tables, and changes them.
CREATE ROLE lamppost_owner LOGIN PASSWORD :'ledger_owner';
-- The service's and the jobs': reads and writes rows.
CREATE ROLE lamppost LOGIN PASSWORD :'ledger';
CREATE ROLE mlflow LOGIN PASSWORD :'mlflow';

CREATE DATABASE lamppost OWNER lamppost_owner ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE mlflow OWNER mlflow ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE mlflow_accounts OWNER mlflow ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE lamppost, mlflow, mlflow_accounts FROM PUBLIC;
GRANT CONNECT ON DATABASE lamppost TO lamppost;

\connect lamppost
ALTER DEFAULT PRIVILEGES FOR ROLE lamppost_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lamppost;
ALTER DEFAULT PRIVILEGES FOR ROLE lamppost_owner GRANT USAGE ON SEQUENCES TO lamppost;
