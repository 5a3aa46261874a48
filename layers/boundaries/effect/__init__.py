"""What happens when an approved draft takes effect, and to whom."""
