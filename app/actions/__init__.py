"""Every write: one verb, one function (session, actor, data, now) → view; no commit, no HTTP, no sending."""
