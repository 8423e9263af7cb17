"""Every read; starts from access, returns views."""
