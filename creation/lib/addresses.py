"""Tells public Internet addresses from internal ones."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
COMPATIBLE = ipaddress.ip_network("::/96")  # RFC 4291: deprecated, but systems may still unwrap it


def is_public(text: str) -> bool:
    """Return whether the address is public.

    It must not be private, loopback, link-local, multicast or reserved, nor an embedding of such an address.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    return all(_is_global(each) for each in [address, *embedded_ipv4(address)])


def _is_global(address: Address) -> bool:
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or site_local)


def embedded_ipv4(address: Address) -> list[Address]:
    """Return the IPv4 addresses embedded in an IPv6 address: mapped, compatible, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    inside += [last for network in (NAT64, COMPATIBLE) if address in network]
    return [each for each in inside if each is not None]
