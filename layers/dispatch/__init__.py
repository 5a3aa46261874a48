"""From a report to an order, and what is noted on the way."""
