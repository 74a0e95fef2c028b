"""Commitments: what was said, which clauses a person read out of it, and what became of each."""
