"""The sites of the tests over HTTP."""

from ..integration.conftest import _closed_connections, site, site_with

__all__ = ["_closed_connections", "site", "site_with"]
