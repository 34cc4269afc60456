"""Live migrate a rescued server with openstacksdk, whose own method is pinned to microversion 2.30."""

import sys

import openstack

server_id, microversion = sys.argv[1:]
cloud = openstack.connect(cloud="envvars", compute_default_microversion=microversion)
body = {"os-migrateLive": {"host": None, "block_migration": "auto"}}
answer = cloud.compute.post(f"/servers/{server_id}/action", json=body)
print(answer.status_code, answer.request.headers["OpenStack-API-Version"], answer.text)
sys.exit(0 if answer.status_code == 202 else 1)
