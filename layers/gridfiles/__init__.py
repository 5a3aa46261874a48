"""The coverage as files: out of the house, and the drawings that come back.

units         the units of a moment, and their coordinates in another CRS
export        one file of all levels, written in the format that its name says
geopackage, shapefiles, geojson, dxf_writing   the formats
qgis_styles   how QGIS draws a GeoPackage of ours
dxf_reading   a drawing's lines and texts -> units
fields        what the fields of a file mean
"""
