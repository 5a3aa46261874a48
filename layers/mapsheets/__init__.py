"""Maps of villages, grids and the town for the wall: A3 and A4 as vector PDF with searchable text.

paper      sheets, frames and the round scale at which something fits
fonts      a Chinese font of this machine, cut down to what is written
content    what the town's maps show, in metres
canvas     metres -> millimetres on the page
labels     names that don't cover each other
drawing    the map itself
margin     title, legend, scale bar, north, CRS, issuer, marks
sheets     one PDF for each unit
"""
