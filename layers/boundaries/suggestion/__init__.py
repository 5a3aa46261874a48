"""The least-change rebalance offered as a draft: asked for, drawn in steps, and said in words."""
