"""The egress ledger: what left each organization, readable, and what is to be said about it."""
