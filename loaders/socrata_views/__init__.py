"""Views of Socrata portals that are derived from other views, in families: a view and all that is made of it."""
