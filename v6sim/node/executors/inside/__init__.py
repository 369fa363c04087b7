"""What runs in an algorithm's interpreter, other than the algorithm.

These files run on Python 3.6 and later, import nothing of v6sim, and need pandas only to read data.
`python inside MODULE [FOLDER]` does the run that the environment describes, FOLDER going first on
the import path; so does a copy of this folder in a container.
"""
