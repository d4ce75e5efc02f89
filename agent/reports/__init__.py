"""What people are given of a run: traces, the HTML report, the Markdown summary."""
