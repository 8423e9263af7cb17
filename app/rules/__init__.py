"""Pure decisions on plain values: no database, no clock, no settings, no web."""
