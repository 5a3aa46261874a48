"""Accounts: who may enter, and with which rights."""
