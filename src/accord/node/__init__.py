"""Builds every part of a node and runs them in one TaskGroup; the only room that knows them all."""

from accord.node.node import serve

__all__ = ["serve"]
