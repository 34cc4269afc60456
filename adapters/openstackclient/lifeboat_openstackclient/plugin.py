"""What OpenStackClient looks for in a plugin: its name, its versions, and how its client is made."""

from osc_lib import utils

from lifeboat_openstackclient import compute_client

DEFAULT_API_VERSION = "1"
API_VERSION_OPTION = "os_lifeboat_api_version"
API_NAME = "lifeboat"
API_VERSIONS = {"1": "lifeboat_openstackclient.compute_client.ComputeClient"}


def make_client(instance):
    """Give the client that commands find as ``client_manager.lifeboat``."""
    return compute_client.ComputeClient(
        session=instance.session,
        region_name=instance.region_name,
        interface=instance.interface,
    )


def build_option_parser(parser):
    """Add the one global option that every plugin must have."""
    parser.add_argument(
        "--os-lifeboat-api-version",
        metavar="<lifeboat-api-version>",
        default=utils.env("OS_LIFEBOAT_API_VERSION", default=DEFAULT_API_VERSION),
        help="Version of the commands for rescued servers, default=%s (Env: OS_LIFEBOAT_API_VERSION)"
        % DEFAULT_API_VERSION,
    )
    return parser
