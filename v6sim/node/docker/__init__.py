"""What the docker executor is made of."""
