"""What people can do in Discord: one feature, one module."""
