"""Plots without a name: made into tracks, and held against tracks that have one; pure."""
