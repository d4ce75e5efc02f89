"""The floor: the data that flows, the prompts, and the back ends that understand and decide."""
