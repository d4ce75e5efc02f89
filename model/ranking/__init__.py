"""Finds the control that a phrase names among the candidates of a page."""
