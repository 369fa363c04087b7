"""Formats that both sides of the line speak: payloads and statuses."""
