"""Where a vendor's callbacks may come from."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence


class Senders:
    """The networks of a vendor; none named means that the address is not looked at."""

    def __init__(self, networks: Sequence[str]) -> None:
        """Read networks such as "101.226.103.0/25"; raises ValueError for what is none."""
        self._networks = [ipaddress.ip_network(one) for one in networks]

    def allow(self, remote_address: str) -> bool:
        """Tell whether a message from this address may be the vendor's."""
        if not self._networks:
            return True
        try:
            address = ipaddress.ip_address(remote_address)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)
