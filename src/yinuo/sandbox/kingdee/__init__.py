"""A stand-in for Kingdee K3 WISE: its WebAPI, a stock bridge, and tables for read-only SQL.

As strict and as odd as the vendor: HTTP 200 for every failure, rows that fail inside a
"Successful" answer, one component per call, and no idempotency whatever: the same hub number
saved twice makes two documents, so that tests can count them.
Stock moves with documents through open demand; what left the warehouse is booked later, after a
settable delay, as it is with the real one.
Invariant: documents, stock and the tables that SQL reads are the same rows (schema `k3`).
"""
