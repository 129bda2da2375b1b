"""Filters of the sharing domain."""

from __future__ import annotations

from graphql_schema.core.lists import filter_input, related_to

__all__ = ["AgreementFilter", "AgreementPartyFilter"]


@filter_input("AgreementParty")
class AgreementPartyFilter:
    """See the description."""

    agency = related_to("stands_for", "The agency that is party.")


@filter_input("Agreement")
class AgreementFilter:
    """See the description."""

    party = related_to("parties", "A party to it.")
    permits = related_to("permits", "A purpose that it permits.")
    rests_on = related_to("rests_on", "A law that it rests on.")
