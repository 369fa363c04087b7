"""Parts that misbehave on call."""
