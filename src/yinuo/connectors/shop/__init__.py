"""The merchant's own mini-program shop: its signed API, in both directions.

The shop sends orders to the hub and answers its questions under one signature of our own
definition (README.md). Invariants: an order that cannot be right is refused with every problem at
once; stock figures carry a version, and a lower one never overwrites a higher one.
"""
