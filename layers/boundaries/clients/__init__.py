"""Drafts of map clients: QGIS and others that know polygons, and send one request per feature.

What such a client sends is kept as it came, unit by unit, beside a draft of its own. In between
the units may overlap or leave gaps; they are judged together, and become one step of the draft.

faces     units as they were sent, as rows
places    vertices that the client didn't move, put back to the bit
view      the draft with these units over it: what the client sees
overlay   that, for who reads the layers' items
own       which draft is a client's own
writing   what a request changes
sources   which unit came from which, by the ground
judging   whether all units together are a coverage, and then what changes of the draft
repair    slivers up to a width taken away, where that is asked for
settling  the way from units to a step, and on to submission or rebase
"""
