"""Trains the reranker (`model.reranker`) on a corpus' steps and candidates."""
