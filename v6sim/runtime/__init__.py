"""This process and this machine: identities, files of the moment. It imports nothing of v6sim."""
