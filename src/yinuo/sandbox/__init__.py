"""Stand-ins for every outside system, with faults on demand.

One process serves them all: each system verifies signatures and answers exactly as its vendor
does, keeps its state in the schema `sandbox` over restarts, and can delay, fail, double, reorder,
drop or lose answers when told to through `/control`. The demo and the tests run on it.
It knows `core` alone: signatures are written a second time here on purpose, so that a mistake in
a connector is met by a system that does not share it.
"""
