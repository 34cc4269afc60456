"""Live migrate a rescued server with python-novaclient as a library, which looks at the major version only."""

import os
import sys

from keystoneauth1 import session
from keystoneauth1.identity import v3
from novaclient import client

server_id, microversion = sys.argv[1:]
names = ("username", "password", "project_name", "user_domain_name", "project_domain_name")
auth = v3.Password(os.environ["OS_AUTH_URL"], **{name: os.environ["OS_" + name.upper()] for name in names})
nova = client.Client(microversion, session=session.Session(auth=auth))
nova.servers.live_migrate(server_id, None, "auto")
print(nova.servers.get(server_id).status)
