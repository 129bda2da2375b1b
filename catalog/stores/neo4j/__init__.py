"""The production store: a real Neo4j over Bolt."""
