"""Micro-grids that share one polygon: who has which floors, and what there is to look after."""
