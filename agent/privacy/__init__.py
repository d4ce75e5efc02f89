"""What must not be written down: found in texts, in pages and in pictures, and masked before anything is kept."""
