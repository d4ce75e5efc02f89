"""A small cross-encoder that says which of a page's described candidates a step means, or that none is meant."""
