"""Alipay: notifications verified (RSA2), payments and refunds looked up, daily bills read.

Invariants: nothing is read from a message before address, signature and freshness are right; the
signed text is built from every value as it came, known or not; an answer counts only when Alipay
signed the very bytes of it; yuan text becomes fen exactly or not at all; app and seller are ours.
"""
