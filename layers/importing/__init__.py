"""From a file of any usual kind into a layer's table, and back out of it.

source → mapping → values, places → identity → load; `run` is the whole line, `grids` that of grids.
"""
