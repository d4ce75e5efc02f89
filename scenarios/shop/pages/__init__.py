"""What the shop shows: one module of handlers for each part of it."""
