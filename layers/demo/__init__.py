"""The demo town: everything a town has, made from a seed, and plainly labelled synthetic.

Generators are pure: a plan and a random stream in, arrays and tables out (`town.make_town`).
Only `load` knows the database.
"""
