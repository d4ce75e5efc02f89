"""What a hand does in the browser: pointer, fields, and the page as a whole."""
