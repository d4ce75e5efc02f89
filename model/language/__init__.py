"""Reads what testers write: words, steps, the phrases that name controls; nothing here knows a page."""
