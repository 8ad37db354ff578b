"""What every module stands on and no business word in it.

Database sessions, durable processes, errors with stable codes, events and outbox, a clock that
tests can set, money, sortable ids, paging and redacted logs. Nothing here knows a module of the
product; everything else may know everything here.
"""
