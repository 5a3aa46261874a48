"""What is closed: which streets a drawing lies on, and what that cuts off."""
