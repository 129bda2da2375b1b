"""OpenLineage events: from files, and for whoever else takes them in."""
