"""The mechanism that every domain's types stand on; ``plan`` says how an answer comes about."""
