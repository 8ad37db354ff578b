"""The exception queue: what only people can clear, each thing once, with owner and deadline.

Invariants: at most one open work item stands for a kind and a subject, however often the cause
is met; an item is claimed by one person; a resolved item keeps who resolved it, how and when,
and is never deleted.
"""
