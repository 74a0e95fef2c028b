"""What people do with the picture; desks know nothing of each other."""
