"""The stock client with nothing changed but the newest microversion that its library admits."""

import sys

import novaclient
from novaclient import api_versions
from openstackclient import shell

novaclient.API_MAX_VERSION = api_versions.APIVersion("2.105")
sys.exit(shell.main())
