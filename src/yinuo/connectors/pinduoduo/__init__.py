"""A shop on Pinduoduo (拼多多): orders by polling, shipments, stock, sealed receivers.

Source: Pinduoduo's open platform (POP), one address for all methods. Amounts are yuan, times are
Beijing time without a zone, receivers are ciphertext (README.md). Invariants: an order is read
whole or refused with every problem; pages are read from the last to the first, since an order that
changes meanwhile leaves its window and moves those behind it forward.
"""
