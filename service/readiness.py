"""What the service needs in order to answer, and whether it is there: `/readyz` in numbers, for those who watch `/metrics`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.sandbox.jail import Jail
from service.sandbox.outcomes import NotInstalled
from service.server import room


def counted(jail: Jail) -> bytes:
    """A gauge of each part, in Prometheus's own format."""
    registry = CollectorRegistry()
    registry.register(_Gauge(jail))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)  # a registry asks for its hash
class _Gauge(Collector):
    """Looked at when it is asked for: no worker has to keep it, and none can keep it too long."""

    jail: Jail

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """1 for what works; a jail that nobody installed is no part of the service."""
        gauge = GaugeMetricFamily(
            "curve_diagnosis_ready", "1 where this part works; /readyz says why not.", None, ["part"]
        )
        gauge.add_metric(["disk"], float(room.obstacle() is None))
        refused = self.jail.available()
        if not isinstance(refused, NotInstalled):
            gauge.add_metric(["overfit_check"], float(refused is None))
        yield gauge
