from tests.jobs.conftest import county, sqlite_county

__all__ = ["county", "sqlite_county"]
