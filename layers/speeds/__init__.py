"""Speeds that responders' own tracks teach: gathered, learned, shown, switched off."""
