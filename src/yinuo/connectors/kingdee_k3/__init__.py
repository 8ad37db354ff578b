"""Kingdee K3 WISE: sale orders through its WebAPI, stock through a bridge or read-only SQL.

K3 knows no idempotency key: our number stands in a user field of the header and is looked up
before every save. It answers HTTP 200 to failures, so only its rows say what happened, and it
takes one or two calls at a time from everybody together.
"""
