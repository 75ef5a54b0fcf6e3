"""A span for each request, as part of its caller's trace: for whoever follows a pipeline through its services.

Only where the operator names a collector in the variables that OpenTelemetry itself defines
(https://opentelemetry.io/docs/specs/otel/protocol/exporter/); the SDK is the extra `traces`, and reads the rest of them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from flask import Flask, Response, g, request

from diagnosis.identity import VERSION
from service.settings import InvalidSetting

COLLECTORS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
ERROR = 500  # statuses from here on are the service's own fault


def register(app: Flask, environment: Mapping[str, str] = os.environ) -> None:
    """Make a span of every request, where there is a collector for them."""
    named = [name for name in COLLECTORS if environment.get(name, "").strip()]
    if not named:
        return
    try:
        from opentelemetry import trace  # noqa: PLC0415 - an extra
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.propagate import extract  # noqa: PLC0415
        from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise InvalidSetting(
            f"{named[0]} is set, and OpenTelemetry is not installed: pip install 'curve-diagnosis[traces]'."
        ) from None
    resource = Resource.create({SERVICE_NAME: "curve-diagnosis", SERVICE_VERSION: VERSION})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))  # begins anew in every forked worker
    tracer = provider.get_tracer("curve-diagnosis", VERSION)
    app.extensions["traces"] = provider

    @app.before_request
    def begin() -> None:
        route = request.url_rule.rule if request.url_rule else ""
        g.span = tracer.start_span(
            f"{request.method} {route}" if route else "unknown",
            extract(request.headers),
            trace.SpanKind.SERVER,
            {"http.route": route, "http.request.method": request.method if route else "_OTHER"},
        )

    @app.after_request
    def end(response: Response) -> Response:
        span = g.span
        span.set_attribute("http.response.status_code", response.status_code)
        span.set_attribute("curve_diagnosis.request_id", g.get("request_id", ""))
        if request.content_length is not None:
            span.set_attribute("http.request.body.size", request.content_length)
        if "Diagnosis-Status" in response.headers:
            span.set_attribute("curve_diagnosis.status", response.headers["Diagnosis-Status"])
        if response.status_code >= ERROR:
            span.set_status(trace.StatusCode.ERROR)
        response.call_on_close(span.end)
        return response
