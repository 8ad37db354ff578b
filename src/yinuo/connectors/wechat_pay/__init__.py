"""WeChat Pay API v3: notifications verified and decrypted, payments and refunds looked up.

Invariants: nothing is read from a message before address, freshness and signature are right;
signatures are over raw bytes; an answer with 2xx counts only when WeChat Pay signed it; amounts
are whole fen of our own merchant account.
"""
