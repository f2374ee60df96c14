"""The student's code in a process of its own: wire format, child, and the caller in the parent."""
