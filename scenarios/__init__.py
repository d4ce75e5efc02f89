"""Example suites and the demo application that they test."""
