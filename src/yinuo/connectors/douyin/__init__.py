"""A shop on Douyin (抖店): orders pulled and told of by pushes, shipments, stock, sealed receivers.

Source: Douyin Shop's open platform. Amounts are fen, times are unix seconds, ids are 64-bit numbers
or their texts, some objects are JSON texts inside JSON (README.md). Invariants: an order is read
whole or refused with every problem; a push is believed only for what changed, never for how the
order stands; a waiting refund is never overruled.
"""
