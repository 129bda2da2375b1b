"""Lists of agencies as laws hold them: a CSV, and a mapping that says what its rows mean."""
