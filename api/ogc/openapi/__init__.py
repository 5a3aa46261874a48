"""The OpenAPI 3.0 document: self-contained, made from the catalogue and the processes."""
