"""The watch: what needs attention, who has taken it, and what was noted."""
