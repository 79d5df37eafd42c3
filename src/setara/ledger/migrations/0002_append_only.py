"""Events are only ever inserted, and every insert is announced.

Plain SQL and not a trigger library: the usual one lets any session switch a trigger off by a setting.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ledger_event is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER ledger_event_no_change BEFORE UPDATE OR DELETE ON ledger_event
  FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_event_no_truncate BEFORE TRUNCATE ON ledger_event
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE FUNCTION ledger_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Delivered at commit only, once per office and transaction: listeners then read the state again.
  PERFORM pg_notify('setara', NEW.office);
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_event_announce AFTER INSERT ON ledger_event
  FOR EACH ROW EXECUTE FUNCTION ledger_announce();
"""
BACKWARD = """
DROP TRIGGER ledger_event_announce ON ledger_event;
DROP TRIGGER ledger_event_no_truncate ON ledger_event;
DROP TRIGGER ledger_event_no_change ON ledger_event;
DROP FUNCTION ledger_announce();
DROP FUNCTION ledger_append_only();
"""


class Migration(migrations.Migration):
    """Triggers of the event table."""

    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
