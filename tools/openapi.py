"""Write what the API is, from the code: `python tools/openapi.py console/openapi.json`.

Nothing is connected: neither the database nor an outside system is needed to know the routes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from yinuo.connectors.registry import Registry
from yinuo.core.db import Database
from yinuo.inventory import service as inventory
from yinuo.web.app import create_app
from yinuo.workflows import settle_payments
from yinuo.workflows.hub import Hub, ProcessSettings


def main() -> None:
    """Write the file that the command line names."""
    database = Database("postgresql://nobody@127.0.0.1:9/nothing")
    lane = inventory.reserving_lane(database)
    settling = settle_payments.settling_lane(database)
    hub = Hub(
        database=database,
        connectors=Registry(None),
        lane=lane,
        settling=settling,
        settings=ProcessSettings(),
    )
    described = create_app(hub).openapi()
    text = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
    Path(sys.argv[1]).write_text(text, encoding="utf-8")
    settling.close(timeout=1)
    lane.close(timeout=1)


if __name__ == "__main__":
    main()
