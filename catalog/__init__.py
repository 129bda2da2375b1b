"""What exists: agencies, officers, the plan, datasets, agreements, flows; the graph that holds them and its stores.

Owns the declared model, identity, the selection, the write plan, the rules and the store port. Knows nothing of
GraphQL, HTTP or files, and imports no other package of this house.
"""
