"""Where streets come from: OpenStreetMap, GraphML, a town's own centre lines; and out again."""
