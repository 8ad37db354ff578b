"""Where orders come from: shops, what they sent (raw), how far they were read, what they were told.

Invariants: every message from outside is kept byte for byte under a unique (source, key) before
anything is done with it, and a second one under the same key changes nothing; a message is
worked on by one process at a time and is never dropped, only parked for a person; a shop's
window of orders is read by one process at a time and goes on where it stopped; figures of stock
are absolute, versioned and acknowledged, and an older acknowledgement never wins.
"""
