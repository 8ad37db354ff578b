"""Prometheus metrics, declared beside what they count and served at /metrics."""

from __future__ import annotations

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

__all__ = ["CONTENT_TYPE", "Counter", "Gauge", "Histogram", "exposition"]

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition(registry: CollectorRegistry = REGISTRY) -> bytes:
    """Return all metrics of this process in the Prometheus text format."""
    return generate_latest(registry)
