"""Builds every part of a node and runs them in one TaskGroup; the only room that knows them all.

Nothing is imported here: the processes of their own, such as the one that keeps the history, need
little of it.
"""
