"""`magenta label`: people accept, edit or reject what is said about logged interactions."""
