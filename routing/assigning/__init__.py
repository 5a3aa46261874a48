"""Several incidents at once: who goes where, and what another choice would cost."""
