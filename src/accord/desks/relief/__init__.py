"""Relief: incidents, needs and offers, who does what where, accounts, and alerts."""
