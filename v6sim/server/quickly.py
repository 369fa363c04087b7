"""Imports FastAPI in two thirds of the time; to be imported before it.

FastAPI describes OpenAPI documents by some forty pydantic models. Only who asks for such a document
needs their validators, so these are made at their first use.
"""

from pydantic import BaseModel

BaseModel.model_config["defer_build"] = True
try:
    import fastapi  # noqa: F401
finally:
    del BaseModel.model_config["defer_build"]
