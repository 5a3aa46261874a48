"""Pushing changes to whoever subscribes."""
