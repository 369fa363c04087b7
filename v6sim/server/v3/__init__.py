"""The 3.7 dialect: one module a resource, with its routes; `shapes/` says how things look."""
