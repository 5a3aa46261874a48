"""The ground divided: micro-grid coverage, H3 cells, significance. Its mathematics is pure."""
