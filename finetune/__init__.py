"""From the interaction log to a fine-tuned adapter."""
