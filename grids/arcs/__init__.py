"""The coverage as shared arcs: a moved edge moves both sides, so no gap or overlap can be made.

    model      arcs, units and the topology that they make
    build      polygons that share their vertices -> topology
    trace      topology -> the polygon of a unit, of any level
    change     what one operation did; its inverse is the undo
    moving, straightening, splitting, joining, transfer, border, belonging, outline
               the operations
    local_check, whole_check
               what an operation touched; the whole draft
    three_way  two changes of one base -> one, or the arcs that they dispute
    codec      changes as JSON, exact

All functions are pure. Stored coordinates are longitude and latitude; whatever is measured, is
measured in the town's metric CRS, where an edge is straight between its two stored vertices.
"""
