"""Expectations: how English is read, what stands on the page, how each kind is judged."""
