"""The ledger: what was released to a partner, and what was not, so that both sides can check it."""
