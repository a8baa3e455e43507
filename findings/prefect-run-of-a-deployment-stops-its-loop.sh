#!/usr/bin/env bash
# One would think: run_flow_async is a coroutine; while a run begins, the event loop that it runs in serves the others.
# It is so: prefect 3.9.1, told of a flow run that belongs to a deployment, starts a thread that is to hear whether the
# run is suspended, and stops the loop (threading.Event.wait without a limit, in prefect/_flow_run_suspension.py) until
# that thread has made a client and connections of its own and has read the run from the server. The longer the server
# takes, the longer nothing else in that loop goes on: other runs, heartbeats, cancellations. The same flow run without
# its deployment id does not stop the loop. Workers that run each flow in a process of its own do not notice; one that
# carries out many in one loop does. Seen with prefect 3.9.1, Python 3.11.7.
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'if [[ $server ]]; then kill "$server" || true; wait "$server" || true; fi; rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --quiet --disable-pip-version-check prefect==3.9.1 whenever==0.11.0 || exit 2
port=$("$folder/env/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 PREFECT_LOGGING_LEVEL=CRITICAL
export PREFECT_API_URL="http://127.0.0.1:$port/api"
"$folder/env/bin/prefect" server start --port "$port" > "$folder/server.log" 2>&1 &
server=$!
cat > "$folder/begins.py" <<'PYTHON'
import asyncio
import sys
import threading
import time
from importlib.metadata import version

import httpx
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.flow_engine import run_flow_async


@flow
async def nothing() -> None:
    await asyncio.sleep(0)


def stopped_in(loop_thread: int, over: threading.Event, seen: list[str]) -> None:
    """Each millisecond: which of Prefect's functions has the loop's thread wait for another thread?"""
    while not over.wait(0.001):
        frame = sys._current_frames().get(loop_thread)
        names = []
        while frame:
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        if names[:1] == ["wait"] and "observe_flow_run_suspension" in names:
            seen.append("stopped")


async def begin(deployed: bool) -> int:
    async with get_client() as client:
        flow_id = await client.create_flow(nothing)
        deployment = await client.create_deployment(flow_id, name="one", entrypoint="begins.py:nothing", path=".")
        run = await client.create_flow_run_from_deployment(deployment)
    if not deployed:
        run = run.model_copy(update={"deployment_id": None})
    over, seen = threading.Event(), []
    looking = threading.Thread(target=stopped_in, args=(threading.get_ident(), over, seen))
    looking.start()
    await run_flow_async(nothing, flow_run=run)
    over.set()
    looking.join()
    return len(seen)


async def main() -> None:
    async with httpx.AsyncClient() as http:
        for _ in range(240):
            try:
                if (await http.get(f"{sys.argv[1]}/health")).status_code == 200:
                    break
            except httpx.HTTPError:
                await asyncio.sleep(0.5)
    await begin(deployed=False)  # what is imported and made once
    told = {deployed: await begin(deployed) for deployed in (True, False)}
    print(f"prefect {version('prefect')}: the loop was seen stopped", end=" ")
    print(f"{told[True]} times at the begin of a deployment's run, {told[False]} times without its deployment id")
    sys.exit(not (told[True] > 10 and told[False] == 0))


asyncio.run(main())
PYTHON
cd "$folder"
"$folder/env/bin/python" "$folder/begins.py" "$PREFECT_API_URL" || { echo "no longer so"; exit 1; }
