"""Codes and names of units: by the scheme of the town, never given twice."""
