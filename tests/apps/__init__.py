"""Applications that nobody here wrote, as a proving ground: `python -m apps` (below tests/) runs them all."""
