"""Stock: levels per SKU and warehouse, reservations with TTL, allocations, in flight, ledger.

Invariants: available to promise never falls below zero by a promise (a CHECK is the last word;
only a photograph or a reported change may show less than was promised, and says so as shortfall);
every change of a counter has a row in the append-only ledger, so counters can be rebuilt;
on hand is the counted photograph plus every movement later than it, whatever the order of arrival;
an expired unpaid reservation is not counted, swept or not. Locks: stock levels sorted by SKU and
warehouse first, then reservations sorted by id. A reservation has an opaque owner.
"""
