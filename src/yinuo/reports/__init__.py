"""Reports: read-only SQL across modules, for lists and pages that no one module can answer (报表).

Invariants: nothing is written here; no personal data is read (lists and details show the masked
forms that orders store); every list is paged by key and every query has an index to walk.
"""
