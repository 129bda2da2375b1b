"""The model as a whole: lookups by label, slug and step, and the checks that a declaration must pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.errors import InvalidRecord, InvalidSelection
from catalog.model.declare import Kind, Relation

__all__ = ["Model", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One way from a kind to a kind: a relation walked forward (tail to head) or backward."""

    name: str
    relation: Relation
    forward: bool
    target: Kind

    @property
    def one(self) -> bool:
        """Whether at most one node is expected at its end, at any day."""
        return self.relation.one if self.forward else self.relation.one_tail


class Model:
    """The declared kinds. Raises TypeError on a declaration that does not hold together."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.kinds: dict[str, Kind] = dict(kinds)
        self.by_slug: dict[str, Kind] = {kind.slug: kind for kind in self.kinds.values()}
        self.relations: dict[str, tuple[Relation, ...]] = {}
        """Relationship type to the declarations that share it, one a tail."""
        self._steps: dict[str, dict[str, list[Step]]] = {label: {} for label in self.kinds}
        for relation in self._declared_relations():
            self._add(relation)
        for kind in self.kinds.values():
            self._check_names(kind)

    def kind(self, label: str) -> Kind:
        """The kind of this label. Raises InvalidRecord."""
        try:
            return self.kinds[label]
        except KeyError:
            raise InvalidRecord(f"'{label[:60]}' is no kind of the model; docs/model.md lists them") from None

    def steps(self, label: str) -> Iterator[Step]:
        """Every step that leaves a kind, forward and backward, in the order of declaration."""
        for found in self._steps[label].values():
            yield from found

    def step(self, label: str, name: str, target: str | None = None) -> Step:
        """The step of this name from this kind; ``target`` chooses where one name leads to several kinds.

        Raises InvalidSelection, naming the steps there are.
        """
        found = [s for s in self._steps[label].get(name, ()) if target is None or s.target.label == target]
        if len(found) == 1:
            return found[0]
        if found:
            targets = ", ".join(s.target.label for s in found)
            raise InvalidSelection(f"'{name}' leads from {label} to several kinds: choose one of {targets}")
        wanted = f" to {target}" if target else ""
        raise InvalidSelection(f"{label} has no step '{name[:60]}'{wanted}: it has {', '.join(self._steps[label])}")

    def relation(self, label: str, name: str) -> Relation:
        """The relationship declared as ``name`` on this kind. Raises InvalidRecord."""
        for relation in self.kind(label).relations:
            if relation.name == name:
                return relation
        raise InvalidRecord(f"{label} has no relationship '{name[:60]}'")

    def _declared_relations(self) -> Iterator[Relation]:
        for kind in self.kinds.values():
            yield from kind.relations

    def _add(self, relation: Relation) -> None:
        known = self.relations.get(relation.type, ())
        if any((k.props, k.per_source) != (relation.props, relation.per_source) for k in known):
            raise TypeError(f"{relation.type} is declared with different properties on {relation.tail}")
        self.relations[relation.type] = (*known, relation)
        if relation.acyclic and relation.heads != (relation.tail,):
            raise TypeError(f"{relation.tail}.{relation.name} leads to other kinds as well, and cannot be acyclic")
        for head in relation.heads:
            if self.kinds.get(head, self.kinds[relation.tail]).journal and not self.kinds[relation.tail].journal:
                raise TypeError(
                    f"{relation.tail}.{relation.name} leads into the journal, which is no part of the graph"
                )
            if head not in self.kinds:
                raise TypeError(f"{relation.tail}.{relation.name} leads to '{head}', which is not declared")
            forward = Step(relation.name, relation, True, self.kinds[head])
            backward = Step(relation.inverse, relation, False, self.kinds[relation.tail])
            self._steps[relation.tail].setdefault(relation.name, []).append(forward)
            self._steps[head].setdefault(relation.inverse, []).append(backward)

    def _check_names(self, kind: Kind) -> None:
        names = [p.name for p in kind.properties]
        taken = set(names) & set(self._steps[kind.label])
        if taken or len(set(names)) != len(names):
            raise TypeError(f"{kind.label} uses a name twice: {sorted(taken) or names}")
        for name, found in self._steps[kind.label].items():
            targets = [s.target.label for s in found]
            if len(set(targets)) != len(targets):
                raise TypeError(f"{kind.label} has two steps '{name}' to one kind")
        for need in kind.needs:
            if not any(r.name == need for r in kind.relations):
                raise TypeError(f"{kind.label} needs '{need}', which it does not declare")
