"""Carrying an order out: what stands in the warehouse system and the ERP, and what left (履约).

Invariants: one fulfillment order per order; one document per order and kind, written down before
the call that makes it, so that after a crash or a lost answer the hub looks before it repeats; one
shipment per waybill; a report told twice counts once.
"""
