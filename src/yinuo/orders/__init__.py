"""Orders: what buyers were promised, what they paid, and why each step happened (订单).

Invariants:
- `status` is derived from payment, fulfillment and holds; it is stored for lists and a CHECK
  constraint keeps it equal to what `model.derive_status` says.
- One order per unique id; one payment per provider, account and transaction, and of the payments
  of an order at most one is accepted.
- The timeline only grows. Names, phones and address details live in `order_receivers` alone.
"""
