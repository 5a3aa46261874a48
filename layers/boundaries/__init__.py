"""Redrawing the town's boundaries: drafts over shared arcs, and what follows when one takes effect.

redraw      the coverage with the names of its units, and what a step changes of both
coverage    the coverage of a moment, from the database
arc_store   polygons that were imported or generated, as arcs
operations  a step's kind and parameters -> the pure functions of `grids.arcs`
draft_rows  drafts and steps as they are stored
cache       drafts as they stand, kept in memory
desk        what editors do: open, edit, undo, check, submit, approve
rebase      a draft over a coverage that has changed meanwhile
report      who and what goes from where to where
effect      an approved draft takes effect, and those behind it are rebased
effect_rows what it writes: units, versions, arcs, incidents, members, lineage
attribution which micro-grid an incident belongs to after a change
rules       what the town has settled: bands, least sizes, the scheme of codes
naming      codes and names that a draft gives; numbering, recoding, given_codes: by the scheme
burdens     what units have to look after, as weighted places
sharing     read-only links and the comments pinned on a draft
"""
