#!/usr/bin/env bash
# One would think: what `pip check` calls whole is whole. A cron schedule with a time zone has a next run.
# It is so: prefect 3.9.1 declares whenever>=0.10.5,<0.12. On Python 3.11 and 3.12 it hands whenever the zone
# object of pendulum; whenever 0.10.5 takes zoneinfo.ZoneInfo itself only, no subclass, and every cron schedule that
# names a zone fails with a ValueError when its next times are asked for (the server's scheduler then makes no runs).
# whenever 0.11.0 takes it. Seen with prefect 3.9.1, pendulum 3.3.0, Python 3.11.7.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' || { echo "not tried: needs Python 3.11 or 3.12"; exit 2; }
python3 -m venv "$folder/env"
install() { "$folder/env/bin/pip" install --quiet --quiet --disable-pip-version-check "$@" || exit 2; }
install prefect==3.9.1 pendulum==3.3.0 whenever==0.10.5
cat > "$folder/next_runs.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

from prefect.server.schemas.schedules import CronSchedule

schedule = CronSchedule(cron="10 1 * * *", timezone="Europe/Stockholm")
try:
    outcome = f"{len(asyncio.run(schedule.get_dates(2)))} next runs"
except ValueError as error:
    outcome = f"ValueError: {error}"
print(f"prefect {version('prefect')}, whenever {version('whenever')}: {outcome}")
PYTHON
export PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1
run() { "$folder/env/bin/python" "$folder/next_runs.py" 2> /dev/null; }
older=$(run); echo "$older"
"$folder/env/bin/pip" check > /dev/null && echo "pip check: whole"
install whenever==0.11.0
newer=$(run); echo "$newer"
[[ $older == *"ValueError: tzinfo must be of type ZoneInfo"* && $newer == *"2 next runs" ]] || { echo "no longer so"; exit 1; }
