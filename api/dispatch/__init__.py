"""The ways in of reports, orders, positions and what is asked about them."""
