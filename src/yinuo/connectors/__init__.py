"""Code for outside systems: one folder each, behind the small protocols of `protocols`.

A connector talks (`connector.py`) and translates (`mapping.py`, pure); it knows no other connector
and nothing of the product but `core`. Every call goes through `http.py`: bounded retries only
where a repeat is safe, a circuit per connector, a limit on how many at once, a call record.
Invariants: an outside failure is Rejected, Unavailable or OutcomeUnknown and nothing else;
secrets, tokens and personal data reach no log, error or call record.
"""
