"""Marquez's reads (its REST API ``/api/v1``) in Marquez's shapes, over the same store port as GraphQL (peers 4.1).

endpoint.py   one ASGI application: who asks, which route, the time budget, errors in Marquez's form
routes.py     every path that is answered, and by what
lists.py …    one module for each thing that is asked about; each turns a request into selections
shapes.py     the answers, as typed structures
names.py      (namespace, name) pairs and node ids of Marquez, and the URNs that they are
"""
