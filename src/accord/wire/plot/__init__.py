"""Plots of a sensor that bear no name: JSON objects, one a line."""
