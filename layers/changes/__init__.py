"""The change feed: what changed of the published layers, by whom, in the order of commits."""
