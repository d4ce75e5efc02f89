"""What to do next for each kind of intent, given the page and what has been done."""
