"""Recordings of masters: what they asked of others, and what they were given."""

from v6sim.recording.folder import load, save
from v6sim.recording.recording import Answer, NoRecording, Recording, Subtask

__all__ = ["Answer", "NoRecording", "Recording", "Subtask", "load", "save"]
