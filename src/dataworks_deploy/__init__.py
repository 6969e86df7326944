"""DataWorks Deploy: puts DataWorks objects into production, one exactly-once pipeline run each."""

__version__ = "0.1.0"
