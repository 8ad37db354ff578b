"""Warehouse systems that speak the Qimen standard (奇门仓储), in both directions.

Signatures cover the exact bytes; XML is built as a tree and read without DTD and entities; money
is yuan text and exact. Invariant: our number identifies a hold and an order there, so that a
repeat is answered as the first time and freezes or ships nothing more.
"""
