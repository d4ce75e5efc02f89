"""The pytest side: collection, fixtures, settings, one scenario as an item, verdicts at the end of the session."""
