"""``openstack server live-migration show|abort|force-complete``: the levers of a migration on its way."""

from osc_lib import exceptions
from osc_lib.command import command
from osc_lib.i18n import _

from lifeboat_openstackclient import compute_client

COUNTERS = (
    "memory_total_bytes",
    "memory_processed_bytes",
    "memory_remaining_bytes",
    "disk_total_bytes",
    "disk_processed_bytes",
    "disk_remaining_bytes",
)


class ShowLiveMigration(command.ShowOne):
    """Show the newest live migration of a server: how far it is, or why it failed"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument("server", metavar="<server>", help=_("Server (name or ID)"))
        return parser

    def take_action(self, parsed_args):
        client = self.app.client_manager.lifeboat
        server = client.find_server(parsed_args.server)
        lives = [one for one in client.migrations(server) if one["migration_type"] == "live-migration"]
        if not lives:
            raise exceptions.CommandError(_("Server %s was never live migrated.") % server["id"])
        newest = lives[0]
        in_progress = {one["id"]: one for one in client.migrations_in_progress(server["id"])}
        counters = in_progress.get(newest["id"], {})
        action = client.last_live_migration(server["id"])
        return zip(
            *[
                ("id", newest["id"]),
                ("uuid", newest["uuid"]),
                ("server_id", server["id"]),
                ("server_status", server["status"]),
                ("status", newest["status"]),
                ("source_compute", newest["source_compute"]),
                ("dest_compute", newest["dest_compute"]),
                ("created_at", newest["created_at"]),
                ("updated_at", newest["updated_at"]),
                *((name, counters.get(name)) for name in COUNTERS if counters),
                ("reason", None if action is None else compute_client.reason_of(action)),
            ]
        )


class _OfMigration(command.Command):
    """Something that is done to a migration in progress."""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument("server", metavar="<server>", help=_("Server (name or ID)"))
        parser.add_argument(
            "migration",
            metavar="<migration>",
            nargs="?",
            help=_("Migration (ID); without it the one in progress"),
        )
        return parser

    def take_action(self, parsed_args):
        client = self.app.client_manager.lifeboat
        server = client.find_server(parsed_args.server)
        migration = parsed_args.migration
        if migration is None:
            in_progress = client.migrations_in_progress(server["id"])
            if not in_progress:
                raise exceptions.CommandError(_("Server %s is not being live migrated.") % server["id"])
            migration = in_progress[0]["id"]
        self.perform(client, server["id"], migration)

    def perform(self, client, server_id, migration_id):
        """Do it."""
        raise NotImplementedError


class AbortLiveMigration(_OfMigration):
    """Abort a live migration; the server stays on its host and goes on"""

    def perform(self, client, server_id, migration_id):
        client.abort(server_id, migration_id)


class ForceCompleteLiveMigration(_OfMigration):
    """Pause a server that writes too fast to be copied, until it is on its new host"""

    def perform(self, client, server_id, migration_id):
        client.force_complete(server_id, migration_id)
