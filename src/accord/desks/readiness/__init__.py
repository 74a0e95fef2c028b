"""What a nation has, where it is and how ready, and what partners are told of it."""
