"""Tempest tests of the live migration of rescued servers."""
