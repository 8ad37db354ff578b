"""Who may do what, and who did what: users, roles, sessions, API tokens and the audit.

Invariants: one permission table, in `model`; a user is disabled, never deleted; one IT admin
always remains; passwords, session tokens and API tokens are stored only as hashes; audit entries
are never changed, and each carries the hash of the one before.
"""
