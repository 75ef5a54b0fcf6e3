"""The warm process: `python -m service.sandbox.warm INTAKE PAGE ORDERS`, started by `service.sandbox.jail`.

It tries the jail before anything else, imports torch once, tries again with torch, and serves until every process of
the service has closed the other end of its intake. It is told everything by its arguments and inherits two files; its
environment has nothing of the service's.
"""

from __future__ import annotations

import logging
import os
import socket
import sys

from service.sandbox import child, limits, proof, status, torch_warming
from service.sandbox.orders import Orders
from service.sandbox.proof import Trial
from service.sandbox.serving import Serving
from service.sandbox.spare import Spares
from service.sandbox.status import Status
from service.server.json_lines import JsonLines, tell_warnings

log = logging.getLogger("service.sandbox")


def main(intake: int, page: int, orders: Orders) -> int:
    """Serve; the exit status says whether there was a jail."""
    if not status.hold(page):
        return 0  # another one lives
    status.write(page, Status("starting"))
    bounds = limits.Limits(orders.memory, 60)
    why = proof.why_not(Trial(limits.CPU, bounds))
    if why and not orders.unjailed:
        return _broken(page, why)
    try:
        examine = torch_warming.warm(orders.examination)
    except Exception as error:
        log.exception("the warm process cannot begin")
        return _broken(page, f"torch cannot be used here ({type(error).__name__})")
    child.quiet_collector()
    work = Trial(limits.CPU, bounds, after=lambda: torch_warming.train("cpu"), escaping=False, insist=orders.unjailed)
    cannot = proof.why_not(work)
    if cannot:
        return _broken(page, cannot)
    spares = Spares(orders, examine)
    spares.open()
    status.write(page, Status("ready", f"not jailed: {why}" if why else "", "cuda" if spares.count else "cpu"))
    if why:
        log.warning("checks run without a jail, as OVERFIT_UNJAILED says: %s", why)
    log.info("ready for checks on %s", "cuda" if spares.count else "cpu")
    with socket.socket(fileno=intake) as listening:
        Serving(listening, orders, examine, spares).serve()
    return 0


def _broken(page: int, why: str) -> int:
    log.error("checks cannot be made: %s", why)
    status.write(page, Status("broken", why))
    return 1


if __name__ == "__main__":
    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[to_stderr])
    tell_warnings()
    code = main(int(sys.argv[1]), int(sys.argv[2]), Orders.from_text(sys.argv[3]))
    sys.stderr.flush()
    os._exit(code)  # torch's own farewell takes longer than a shutdown should
