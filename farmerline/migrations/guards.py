"""Triggers that keep the audit as it was written: rows are added, never changed or taken away."""

from __future__ import annotations

from sqlalchemy import Connection

_SENTENCE = "the audit is only added to"
_TAKEN = "WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)"  # a REPLACE fires no delete trigger
_BODY = f"BEGIN RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'insufficient_privilege'; END"
SQLITE = (
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
    f"CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit {_TAKEN} BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
)
POSTGRESQL = (
    f"CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {_BODY} $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)


def guard_audit(connection: Connection) -> None:
    """Set the triggers, in either database."""
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)
