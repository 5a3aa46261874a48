"""An order is delivered, not just sent: by one channel, by the next, to the next person."""
