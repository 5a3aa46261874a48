"""Coverages that others drew: what is wrong with them, measured, and slivers repaired.

    flaws     gaps, overlaps and edges that don't meet, each with its width and area
    snapping  vertices along faulty edges brought together
    repair    a level, and the levels above it, made one arc set; what was moved

Pure: polygons in metres in and out.
"""
