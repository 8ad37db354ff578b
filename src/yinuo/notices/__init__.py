"""What group robots are told of a day: one notice a robot and edition, with how its sending went.

Invariants: day, edition and robot are unique, so that many workers tell once; the words are kept
as they were when the edition was made; each attempt has a number, and only the newest may speak.
A robot has no idempotency key: where the answer was lost, the notice is said again and marked so,
because a message that comes twice does less harm than one that never comes.
"""
