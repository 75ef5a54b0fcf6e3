"""Spans reach the collector that the operator names, within the caller's trace."""

import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from scripts.listening import listening
from service import create_app
from tests.service.test_exposure import started

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector that keeps what it is sent."""
    came: list[bytes] = []

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Keep) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", came
        server.shutdown()
        thread.join()


def test_a_request_is_a_span_of_its_callers_trace(tmp_path: Path, collector: tuple[str, list[bytes]]) -> None:
    """Sent by a forked worker, at the latest when it ends; with nothing of the client's in it."""
    address, came = collector
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_EXPORTER_OTLP_COMPRESSION": "none", "WORKERS": "1"}
    with listening(tmp_path / "log", **variables) as server:
        body = json.dumps({"history": {"secret-loss": [1.0, 0.5]}}).encode()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request(
            "POST", "/diagnose?filename=secret", body, {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        )
        connection.getresponse().read()
        connection.close()

    spans = [
        span
        for sent in came
        for resource in ExportTraceServiceRequest.FromString(sent).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    ours = [span for span in spans if span.trace_id.hex() == TRACE]
    assert ["POST /diagnose"] == [span.name for span in ours]
    attributes = {each.key: each.value for each in ours[0].attributes}
    assert (200, "inconclusive") == (
        attributes["http.response.status_code"].int_value,
        attributes["curve_diagnosis.status"].string_value,
    )
    assert b"secret" not in b"".join(came)


def test_without_a_collector_nothing_is_traced() -> None:
    """Nor is anything imported for it."""
    assert "traces" not in create_app().extensions


def test_a_collector_without_the_extra_is_a_setting_that_cannot_be_meant(tmp_path: Path) -> None:
    """Rather than a service whose traces are missed when they are needed."""
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").write_text("raise ImportError", encoding="utf-8")

    refused = started(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", PYTHONPATH=str(tmp_path))

    assert refused.returncode != 0
    assert "curve-diagnosis[traces]" in refused.stderr
    assert "Traceback" not in refused.stderr
