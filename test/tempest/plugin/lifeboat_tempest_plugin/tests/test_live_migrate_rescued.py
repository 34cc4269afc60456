"""The tests that the specification of live-migrate-rescued-instances asks for."""

import contextlib

from tempest.api.compute import base
from tempest.common import waiters
from tempest import config
from tempest.lib.common import api_microversion_fixture
from tempest.lib.common.utils import data_utils
from tempest.lib import decorators
from tempest.lib import exceptions

CONF = config.CONF

# The one at which a rescued server can be live migrated, and the one before it.
LIVE_MIGRATE_RESCUED = "2.105"
BEFORE = "2.104"


class RescuedServerTestBase(base.BaseV2ComputeAdminTest):
    """A rescued server, and what an administrator may ask for it."""

    @classmethod
    def skip_checks(cls):
        super().skip_checks()
        features = CONF.compute_feature_enabled
        if not features.live_migration or not features.rescue:
            raise cls.skipException("Live migration and rescue are needed.")
        if CONF.compute.min_compute_nodes < 2:
            raise cls.skipException("Two compute nodes are needed.")

    @contextlib.contextmanager
    def microversion(self, version):
        """Within it every request has this microversion.

        Not for the whole class: Tempest's own schemas of servers are closed
        above 2.79, and know none of the fields that have come since 2.96.
        """
        fixture = api_microversion_fixture.APIMicroversionFixture(compute_microversion=version)
        with fixture:
            yield

    def active_server(self):
        """Give a server that is gone with the test: servers that stay would push the next one to another host."""
        server_id = self.create_test_server(wait_until="ACTIVE")["id"]
        self.addCleanup(self.delete_server, server_id)
        return server_id

    def rescued_server(self):
        server_id = self.active_server()
        if self.get_host_for_server(server_id) == CONF.lifeboat.host_without_capability:
            # It can leave that host while it is not rescued.
            self.live_migrate(server_id, None)
            waiters.wait_for_server_status(self.servers_client, server_id, "ACTIVE")
        self.servers_client.rescue_server(server_id, adminPass=data_utils.rand_password())
        waiters.wait_for_server_status(self.servers_client, server_id, "RESCUE")
        return server_id

    def live_migrate(self, server_id, host, version=LIVE_MIGRATE_RESCUED):
        with self.microversion(version):
            self.admin_servers_client.live_migrate_server(server_id, host=host, block_migration="auto")

    def migrate_to(self, server_id, host):
        self.live_migrate(server_id, host)
        waiters.wait_for_server_status(self.servers_client, server_id, "RESCUE")

    def assert_conflict(self, sentence, server_id, host, version=LIVE_MIGRATE_RESCUED):
        error = self.assertRaises(exceptions.Conflict, self.live_migrate, server_id, host, version)
        self.assertIn(sentence, str(error))
        server = self.admin_servers_client.show_server(server_id)["server"]
        self.assertIsNone(server["OS-EXT-STS:task_state"])
        return server

    def unrescue(self, server_id):
        self.servers_client.unrescue_server(server_id)
        waiters.wait_for_server_status(self.servers_client, server_id, "ACTIVE")


class LiveMigrateRescuedTest(RescuedServerTestBase):
    """On a cloud in which every compute service is new enough."""

    @classmethod
    def skip_checks(cls):
        super().skip_checks()
        if not CONF.lifeboat.fleet_is_upgraded:
            raise cls.skipException("The compute services are not new enough.")

    def other_host(self, server_id):
        """Give a host that can take the server, other than the one it is on."""
        services = self.os_admin.services_client.list_services(binary="nova-compute")["services"]
        unfit = (self.get_host_for_server(server_id), CONF.lifeboat.host_without_capability)
        fit = [
            service["host"]
            for service in services
            if service["state"] == "up" and service["status"] == "enabled" and service["host"] not in unfit
        ]
        self.assertNotEqual([], fit, "no other host is up")
        return fit[0]

    @decorators.idempotent_id("6a1f2f6e-3b5d-4a0e-9a52-4c6a9b0d3a11")
    def test_there_and_back_and_unrescue(self):
        """It stays rescued on each host, and unrescue gives it back on the first one."""
        server_id = self.rescued_server()
        source = self.get_host_for_server(server_id)
        destination = self.other_host(server_id)
        self.migrate_to(server_id, destination)
        self.assertEqual(destination, self.get_host_for_server(server_id))
        self.migrate_to(server_id, source)
        self.assertEqual(source, self.get_host_for_server(server_id))
        self.unrescue(server_id)
        self.assertEqual(source, self.get_host_for_server(server_id))

    @decorators.idempotent_id("b6f3a3a5-5d0c-4b7a-8c1e-7d6b1f0e2c22")
    def test_unrescue_on_the_other_host(self):
        """What unrescue needs has come along."""
        server_id = self.rescued_server()
        destination = self.other_host(server_id)
        self.migrate_to(server_id, destination)
        self.unrescue(server_id)
        self.assertEqual(destination, self.get_host_for_server(server_id))

    @decorators.idempotent_id("c2d9e1b0-1f4a-4d68-9f0e-2a7c5b8e3d33")
    def test_a_host_is_chosen(self):
        """Without a host in the request another one is found."""
        server_id = self.rescued_server()
        source = self.get_host_for_server(server_id)
        self.migrate_to(server_id, None)
        self.assertNotEqual(source, self.get_host_for_server(server_id))
        self.unrescue(server_id)

    @decorators.attr(type=["negative"])
    @decorators.idempotent_id("d8b7c6a5-9e3d-4c2b-8a1f-0e9d8c7b6a44")
    def test_older_microversion_is_a_conflict(self):
        """Clients that know nothing of it see what they always saw."""
        server_id = self.rescued_server()
        self.assert_conflict("while it is in vm_state rescued", server_id, None, version=BEFORE)
        self.migrate_to(server_id, None)

    @decorators.attr(type=["negative"])
    @decorators.idempotent_id("e1c0d9f8-7a6b-4e5d-9c4b-3f2a1e0d9b55")
    def test_task_in_progress_is_a_conflict(self):
        """A second request waits for the end of the first one."""
        server_id = self.rescued_server()
        self.live_migrate(server_id, None)
        error = self.assertRaises(exceptions.Conflict, self.live_migrate, server_id, None)
        self.assertIn("while it is in task_state migrating", str(error))
        waiters.wait_for_server_status(self.servers_client, server_id, "RESCUE")

    @decorators.attr(type=["negative"])
    @decorators.idempotent_id("f4e3d2c1-b0a9-4f8e-8d7c-6b5a4f3e2d66")
    def test_stopped_server_is_a_conflict(self):
        """The microversion opens the way for rescued servers, and for no others."""
        server_id = self.active_server()
        self.servers_client.stop_server(server_id)
        waiters.wait_for_server_status(self.servers_client, server_id, "SHUTOFF")
        self.assert_conflict("while it is in vm_state stopped", server_id, None)

    @decorators.attr(type=["negative"])
    @decorators.idempotent_id("a5b4c3d2-e1f0-4a9b-9c8d-7e6f5a4b3c77")
    def test_driver_without_the_capability(self):
        """The request is taken, and the instance action tells what became of it."""
        unable = CONF.lifeboat.host_without_capability
        if not unable:
            raise self.skipException("[lifeboat] host_without_capability names no host.")
        server_id = self.rescued_server()
        source = self.get_host_for_server(server_id)
        self.assertNotEqual(unable, source)
        self.live_migrate(server_id, unable)
        waiters.wait_for_server_status(self.servers_client, server_id, "RESCUE")
        self.assertEqual(source, self.get_host_for_server(server_id))
        actions = self.admin_servers_client.list_instance_actions(server_id)["instanceActions"]
        migration = next(action for action in actions if action["action"] == "live-migration")
        self.assertEqual("Error", migration["message"])
        told = self.admin_servers_client.show_instance_action(server_id, migration["request_id"])
        failed = [event for event in told["instanceAction"]["events"] if event["result"] == "Error"]
        self.assertNotEqual([], failed)
        self.assertIn("rescue", failed[0]["traceback"].lower())
        self.unrescue(server_id)


class LiveMigrateRescuedOldFleetTest(RescuedServerTestBase):
    """On a cloud in which a compute service is still too old."""

    @classmethod
    def skip_checks(cls):
        super().skip_checks()
        if CONF.lifeboat.fleet_is_upgraded:
            raise cls.skipException("Every compute service is new enough.")

    @decorators.attr(type=["negative"])
    @decorators.idempotent_id("0c1d2e3f-4a5b-4c6d-8e7f-9a0b1c2d3e88")
    def test_old_compute_service_is_a_conflict(self):
        """Nothing has happened, and unrescue works as before."""
        server_id = self.rescued_server()
        sentence = "Live migration of rescued instances is not yet supported"
        server = self.assert_conflict(sentence, server_id, None)
        self.assertEqual("RESCUE", server["status"])
        self.unrescue(server_id)
