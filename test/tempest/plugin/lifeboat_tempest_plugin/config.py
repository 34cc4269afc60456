"""What the tests must be told of the cloud they run against."""

from oslo_config import cfg

GROUP = cfg.OptGroup(name="lifeboat", title="Live migration of rescued servers")

OPTIONS = [
    cfg.BoolOpt(
        "fleet_is_upgraded",
        default=True,
        help="Whether every nova-compute service is new enough to live migrate rescued servers.",
    ),
    cfg.StrOpt(
        "host_without_capability",
        help="A host whose driver cannot take part in it; without one that test is skipped.",
    ),
]
