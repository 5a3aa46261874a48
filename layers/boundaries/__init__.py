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
shown       the coverage of today, for all who may read it
planned     what approved drafts will make of it
proceedings a draft is rebased, submitted, approved, amended, withdrawn
rules       what the town has settled: bands, least sizes, the scheme of codes
burdens     what units have to look after, as weighted places
sharing     read-only links and the comments pinned on a draft

codes       codes and names that a draft gives, by the scheme
highrises   micro-grids that share one polygon
clients     drafts of map clients that write by OGC API Features
suggestion  the least-change rebalance, offered as a draft
effect      an approved draft takes effect, and those behind it are rebased
"""
