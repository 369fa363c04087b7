"""Ways to run an algorithm: the same contract, the same answers."""
