"""Watch rules: what a watch officer wants to be told, as text; and when it is so."""
