"""Named wrong derivations, one family a file, beside the right one."""
