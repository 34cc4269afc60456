"""What Tempest looks for in a plugin: its tests and its options."""

import os

from tempest import config
from tempest.test_discover import plugins

from lifeboat_tempest_plugin import config as lifeboat_config


class LifeboatTempestPlugin(plugins.TempestPlugin):
    """Tests of the live migration of rescued servers."""

    def load_tests(self):
        tests = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tests")
        return tests, os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

    def register_opts(self, conf):
        config.register_opt_group(conf, lifeboat_config.GROUP, lifeboat_config.OPTIONS)

    def get_opt_lists(self):
        return [(lifeboat_config.GROUP.name, lifeboat_config.OPTIONS)]
