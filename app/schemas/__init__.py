"""What crosses the edge: *In forms and *View answers; never a table."""
