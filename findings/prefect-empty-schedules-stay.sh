#!/usr/bin/env bash
# One would think: prefect.yaml says what a deployment is. Take its schedules out (`schedules: []`), run
# `prefect deploy` again, and the deployment has none.
# It is so: the command says that the deployment was updated, and the old schedules stay and go on making runs,
# whether the list is empty or the key is gone, unless PREFECT_DEPLOYMENTS_CLEAR_SCHEDULES_ON_EMPTY=true is set where
# the command is run. Whoever moves the work of a schedule elsewhere has it done twice. Seen with prefect 3.9.1,
# Python 3.11.7.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --quiet --disable-pip-version-check prefect==3.9.1 "whenever>=0.11,<0.12" || exit 2
export PATH="$folder/env/bin:$PATH" PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1
export PREFECT_SERVER_ALLOW_EPHEMERAL_MODE=true PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS=120
unset PREFECT_API_URL
mkdir "$folder/project"
cd "$folder/project"
cat > work.py <<'PYTHON'
from prefect import flow


@flow
def work():
    pass
PYTHON
cat > how_many.py <<'PYTHON'
import asyncio

from prefect.client.orchestration import get_client


async def count():
    async with get_client() as client:
        print(len((await client.read_deployment_by_name("work/w")).schedules))


asyncio.run(count())
PYTHON
deploy() {
    printf 'pull: []\ndeployments:\n- name: w\n  entrypoint: work.py:work\n  work_pool: {name: pool}\n%s' "$1" > prefect.yaml
    prefect --no-prompt deploy --name w > "$folder/said" 2>&1 || { cat "$folder/said"; exit 2; }
}
schedules() { python how_many.py 2> /dev/null; }
prefect --no-prompt work-pool create pool --type process > "$folder/said" 2>&1 || { cat "$folder/said"; exit 2; }
deploy $'  schedules: [{interval: 3600}]\n'
one=$(schedules)
deploy $'  schedules: []\n'
empty=$(schedules)
deploy ''
gone=$(schedules)
PREFECT_DEPLOYMENTS_CLEAR_SCHEDULES_ON_EMPTY=true deploy $'  schedules: []\n'
cleared=$(schedules)
echo "prefect $(python -c 'from importlib.metadata import version; print(version("prefect"))'): schedules: $one; of []: $empty; of none: $gone; of [], with the setting: $cleared"
[[ $one == 1 && $empty == 1 && $gone == 1 && $cleared == 0 ]] || { echo "no longer so"; exit 1; }
