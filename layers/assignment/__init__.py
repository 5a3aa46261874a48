"""Several incidents and few responders: who had best go where, for a dispatcher to decide."""
