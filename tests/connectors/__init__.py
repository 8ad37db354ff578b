"""Tests of the connectors, against real sockets and the sandboxes."""
