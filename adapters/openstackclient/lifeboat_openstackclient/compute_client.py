"""The few requests of the Compute API that the commands need, each at the microversion that it needs."""

import time

from keystoneauth1 import adapter
from keystoneauth1 import exceptions as keystone_exceptions
from osc_lib import exceptions
from osc_lib.i18n import _

# The first one at which a rescued server can be live migrated.
LIVE_MIGRATE_RESCUED = "2.105"
# The last change of what these answers hold.
SERVER = "2.73"
MIGRATIONS = "2.80"
INSTANCE_ACTION = "2.84"
POLL_SECONDS = 1


class ComputeClient:
    """Talks to the compute endpoint of the cloud that the client is logged in to."""

    def __init__(self, session, region_name=None, interface=None):
        self._adapter = adapter.Adapter(
            session=session,
            service_type="compute",
            region_name=region_name,
            interface=interface,
        )

    def find_server(self, name_or_id):
        """Give the server with this id, or the only one of the project with this name."""
        found = self._request("GET", "/servers/%s" % name_or_id, SERVER, missing_ok=True)
        if found is not None:
            return found.json()["server"]
        listed = self._request("GET", "/servers", SERVER, params={"name": name_or_id}).json()["servers"]
        # The filter is a regular expression, and the name is none.
        named = [server for server in listed if server["name"] == name_or_id]
        if not named:
            raise exceptions.CommandError(_("No server with a name or ID of '%s' exists.") % name_or_id)
        if len(named) > 1:
            raise exceptions.CommandError(
                _("More than one server exists with the name '%s'; use its ID.") % name_or_id
            )
        return self.server(named[0]["id"])

    def server(self, server_id):
        """Give the server as it is now."""
        return self._request("GET", "/servers/%s" % server_id, SERVER).json()["server"]

    def live_migrate(self, server_id, host, block_migration):
        """Ask for the migration and give the id of the request, which names its instance action."""
        body = {"os-migrateLive": {"host": host, "block_migration": block_migration}}
        try:
            answer = self._request("POST", "/servers/%s/action" % server_id, LIVE_MIGRATE_RESCUED, json=body)
        except keystone_exceptions.NotAcceptable as error:
            raise exceptions.CommandError(
                _("This cloud cannot live migrate rescued servers: its Compute API does not know microversion %s.")
                % LIVE_MIGRATE_RESCUED
            ) from error
        return answer.headers.get("x-compute-request-id")

    def wait_for_task(self, server_id, timeout_seconds):
        """Give the server as soon as nothing is being done with it; fail after so many seconds."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            server = self.server(server_id)
            if server["OS-EXT-STS:task_state"] is None:
                return server
            if time.monotonic() >= deadline:
                raise exceptions.CommandError(
                    _("The migration has not ended within %d seconds. It goes on.") % timeout_seconds
                )
            time.sleep(POLL_SECONDS)

    def action(self, server_id, request_id):
        """Give the instance action that a request has begun."""
        path = "/servers/%s/os-instance-actions/%s" % (server_id, request_id)
        return self._request("GET", path, INSTANCE_ACTION).json()["instanceAction"]

    def last_live_migration(self, server_id):
        """Give the newest instance action that is a live migration, or nothing."""
        path = "/servers/%s/os-instance-actions" % server_id
        actions = self._request("GET", path, INSTANCE_ACTION).json()["instanceActions"]
        newest = next((one for one in actions if one["action"] == "live-migration"), None)
        return None if newest is None else self.action(server_id, newest["request_id"])

    def migrations(self, server):
        """Give all migrations of a server, the newest first."""
        query = {"instance_uuid": server["id"], "project_id": server["tenant_id"]}
        return self._request("GET", "/os-migrations", MIGRATIONS, params=query).json()["migrations"]

    def migrations_in_progress(self, server_id):
        """Give the live migrations that have not ended, with their counters."""
        path = "/servers/%s/migrations" % server_id
        return self._request("GET", path, MIGRATIONS).json()["migrations"]

    def abort(self, server_id, migration_id):
        """Ask for the end of a migration; the server stays where it is."""
        self._request("DELETE", "/servers/%s/migrations/%s" % (server_id, migration_id), MIGRATIONS)

    def force_complete(self, server_id, migration_id):
        """Ask for the end of a migration; the server is paused until it is on the other host."""
        path = "/servers/%s/migrations/%s/action" % (server_id, migration_id)
        self._request("POST", path, LIVE_MIGRATE_RESCUED, json={"force_complete": None})

    def _request(self, method, path, microversion, missing_ok=False, **options):
        try:
            return self._adapter.request(path, method, microversion=microversion, **options)
        except keystone_exceptions.NotAcceptable:
            raise
        except keystone_exceptions.NotFound as error:
            if missing_ok:
                return None
            raise exceptions.CommandError(sentence_of(error)) from error
        except keystone_exceptions.HttpError as error:
            raise exceptions.CommandError(sentence_of(error)) from error


def sentence_of(error):
    """Give what the server said; keystoneauth knows no fault format but its own."""
    try:
        (fault,) = error.response.json().values()
        return "%s (HTTP %s)" % (fault["message"], error.http_status)
    except (AttributeError, KeyError, TypeError, ValueError):
        return str(error)


def reason_of(action):
    """Give why an action failed, as far as the caller may know, or nothing for one that did not."""
    if action.get("message") != "Error":
        return None
    failed = [event for event in action.get("events", []) if event.get("result") == "Error"]
    details = [event.get("details") or event.get("traceback") for event in failed]
    return next((text for text in details if text), _("It failed; administrators can see why."))
