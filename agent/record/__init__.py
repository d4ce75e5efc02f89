"""Logs what a person does in a real browser: `magenta record URL`."""
