"""The finer coast for the page of Accord: a file of map tiles beside this one, and no code."""
