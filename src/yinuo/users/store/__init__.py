"""Every SQL statement of users: `accounts` for people, sessions and tokens; `audit` for the chain."""
