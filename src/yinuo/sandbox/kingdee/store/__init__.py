"""Every SQL statement on the account set; all writes happen under one lock (`LOCK`)."""

LOCK = "kingdee/account-set"
