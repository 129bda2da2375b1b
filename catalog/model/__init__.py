"""The declared model: every kind of node, its properties and relationships, once (``design.md`` section 2).

``MODEL`` is what everything else is derived from. Kinds stand in the groups of ``reference/domain.md`` section 3, a
module a group (data has a second, ``determinations``, lineage ``disclosure``, sharing ``requests``); ``own`` holds ours;
``enums`` holds section 2.
"""

from catalog.model import data, determinations, disclosure, enums, lineage, own, people, plan, requests, sharing
from catalog.model.declare import declared
from catalog.model.schema import Model

__all__ = ["MODEL", "data", "determinations", "disclosure", "enums", "lineage", "own", "people", "plan", "requests"]
__all__ += ["sharing"]

MODEL = Model(declared())
