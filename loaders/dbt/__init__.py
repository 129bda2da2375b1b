"""A dbt project as dbt wrote it down: its manifest, and where they are given its catalog and the results of a run."""
