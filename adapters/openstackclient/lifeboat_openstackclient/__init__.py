"""OpenStackClient commands for live migrating rescued servers."""
