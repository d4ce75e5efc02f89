"""Logs what ordinary Playwright tests do, without touching them: `pytest --magenta-collect DIR`."""
