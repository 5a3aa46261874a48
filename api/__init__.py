"""Every way in: OGC, processes, the map page, the command line.

Translates; holds no SQL and no rule.
"""
