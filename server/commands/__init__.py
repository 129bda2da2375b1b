"""The commands of ``waypost``, a module a group; ``server.cli`` puts them together."""
