"""``openstack server live-migrate-rescued``."""

from osc_lib import exceptions
from osc_lib.command import command
from osc_lib.i18n import _

from lifeboat_openstackclient import compute_client

TIMEOUT_SECONDS = 3600


class LiveMigrateRescued(command.ShowOne):
    """Live migrate a rescued server to another host, without a restart.

    The server stays rescued. On its new host it can be unrescued as on the
    old one.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument("server", metavar="<server>", help=_("Server to migrate (name or ID)"))
        parser.add_argument(
            "--host",
            metavar="<hostname>",
            help=_("Migrate the server to this host; without it one is chosen (administrators only)"),
        )
        disks = parser.add_mutually_exclusive_group()
        disks.add_argument(
            "--block-migration",
            dest="block_migration",
            action="store_const",
            const=True,
            default="auto",
            help=_("Copy the disks; refused where they are on shared storage"),
        )
        disks.add_argument(
            "--shared-migration",
            dest="block_migration",
            action="store_const",
            const=False,
            help=_("Copy no disks; refused where they are not on shared storage"),
        )
        parser.add_argument(
            "--wait",
            action="store_true",
            help=_("Wait until the migration has ended; fail when it has failed, and say why"),
        )
        parser.add_argument(
            "--timeout",
            metavar="<seconds>",
            type=int,
            default=TIMEOUT_SECONDS,
            help=_("With --wait: how long to wait; the migration itself goes on (default: %d)") % TIMEOUT_SECONDS,
        )
        return parser

    def take_action(self, parsed_args):
        client = self.app.client_manager.lifeboat
        server = client.find_server(parsed_args.server)
        request_id = client.live_migrate(server["id"], parsed_args.host, parsed_args.block_migration)
        if parsed_args.wait:
            server = client.wait_for_task(server["id"], parsed_args.timeout)
            reason = compute_client.reason_of(client.action(server["id"], request_id))
            if reason is not None:
                raise exceptions.CommandError(_("The server was not migrated: %s") % reason)
        else:
            server = client.server(server["id"])
        return zip(
            *[
                ("id", server["id"]),
                ("name", server["name"]),
                ("status", server["status"]),
                ("task_state", server["OS-EXT-STS:task_state"]),
                # Only administrators are told of hosts; everybody sees that this one changes.
                ("host", server.get("OS-EXT-SRV-ATTR:host")),
                ("host_id", server["hostId"]),
                ("request_id", request_id),
            ]
        )
