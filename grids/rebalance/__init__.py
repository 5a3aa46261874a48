"""The least-change rebalance: every grid into its band, moving as few households as it can.

    town      micro-grids as plain arrays, or made from their polygons
    village   one village's micro-grids as bits of whole numbers, and what is known of sets of them
    openings  how many grids a village may have, and which would be new or closed
    division  one way to divide a village, and how far it is from done
    search    from the present division to the cheapest in the band, by whole micro-grids
    cutting   where no whole micro-grid fits: the buildings beyond a straight line
    chains    households handed on from grid to grid, by whole micro-grids or cuts
    options   a village by whole micro-grids, by a more compact division, or by cuts
    choice    the option of each village, so that the town keeps its limits
    telling   what was moved, cut, opened, closed, and what can't be done: an outcome
    suggest   all of it

All functions are pure. Villages are independent of each other: no grid reaches into another's.
"""
