"""The HTTP edge: the app, what routes ask for, errors, live hints, one routes file per module.

Invariants: a handler opens its transaction by a dependency and it is committed before the answer
is sent; every route has a guard or a reason to be public; every refusal has one form.
"""
