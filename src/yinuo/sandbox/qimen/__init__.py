"""A stand-in for a warehouse system that speaks the Qimen standard (奇门仓储).

It verifies signature, freshness and customer over the exact bytes, keeps stock, holds and
delivery orders per warehouse, works them off on its own clock and reports back, signed, until
the hub says success. It shares no code with the connector: the signature is written twice on
purpose, so that a mistake in one shows in the other.
Invariants: free and frozen are never negative; one order code freezes at most once and leaves
the warehouse at most once.
"""
