"""Positions at volume: pieces in Parquet, a shelf that knows them, DuckDB to ask them."""
