"""Search and rescue: cases, their log, search plans, what was covered, reports."""
