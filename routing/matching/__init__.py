"""Where on the streets somebody really was: fixes matched to a way that could be travelled."""
