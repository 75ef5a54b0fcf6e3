"""What the service needs in order to answer, and whether it is there: for `/readyz`, and for those who watch `/metrics`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service import room
from service.sandbox.jail import Jail
from service.sandbox.outcomes import NotInstalled

Obstacles = Mapping[str, str | None]  # of each part, what keeps it from working, if anything


def obstacles(jail: Jail) -> Obstacles:
    """Look now. A jail that nobody installed is no part of the service."""
    found, refused = {"disk": room.obstacle()}, jail.available()
    if not isinstance(refused, NotInstalled):
        found["overfit_check"] = refused.detail if refused else None
    return found


def counted(found: Obstacles) -> bytes:
    """The same as a gauge, in Prometheus's own format."""
    registry = CollectorRegistry()
    registry.register(_Gauge(found))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)  # a registry asks for its hash
class _Gauge(Collector):
    """Looked at when it is asked for: no worker has to keep it, and none can keep it too long."""

    found: Obstacles

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """1 for what works."""
        gauge = GaugeMetricFamily(
            "curve_diagnosis_ready", "1 where this part works; /readyz says why not.", None, ["part"]
        )
        for part, obstacle in self.found.items():
            gauge.add_metric([part], float(obstacle is None))
        yield gauge
