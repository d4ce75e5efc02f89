"""What the shop keeps: the visitor's SQLite database, and the frozen things that are read from it."""
