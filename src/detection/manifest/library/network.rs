//! Addresses and networks: `ip()` and `cidr()`, as Kubernetes reads them (no zones, no IPv4 in IPv6, no leading zeros).

use std::net::IpAddr;

use cel::common::types::{CelBool, CelInt, CelString};
use cel::{DeclarationError, Env, ExecutionError};

use super::own_value;

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address(IpAddr);

/// A network: an address, its host bits kept, and how many bits of it name the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

own_value!(Address, "net.IP");
own_value!(Network, "net.CIDR");

impl Address {
    fn parse(text: &str) -> Option<Self> {
        let address: IpAddr = text.parse().ok()?;
        match address {
            IpAddr::V6(six) if six.to_ipv4_mapped().is_some() => None,
            IpAddr::V4(_) | IpAddr::V6(_) => Some(Self(address)),
        }
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let Address(address) = Address::parse(address)?;
        let plain = length.bytes().all(|b| b.is_ascii_digit()) && (length == "0" || !length.starts_with('0'));
        let bits: u32 = length.parse().ok().filter(|_| plain)?;
        (bits <= width(address)).then_some(Self { address, bits })
    }

    fn contains(self, other: IpAddr) -> bool {
        self.address.is_ipv4() == other.is_ipv4() && masked(self.address, self.bits) == masked(other, self.bits)
    }

    fn covers(self, other: Self) -> bool {
        self.bits <= other.bits && self.contains(other.address)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// An address with the host bits cleared.
fn masked(address: IpAddr, bits: u32) -> IpAddr {
    let host = width(address).saturating_sub(bits);
    match address {
        IpAddr::V4(four) => IpAddr::V4((four.to_bits() & u32::MAX.checked_shl(host).unwrap_or(0)).into()),
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & u128::MAX.checked_shl(host).unwrap_or(0)).into()),
    }
}

/// Registers the functions over addresses and networks.
pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn ip: (CelString) -> Result<Address>)?;
    cel::add_overload!(env, fn is_ip: (CelString) -> CelBool, name = "isIP")?;
    cel::add_overload!(env, fn is_canonical: (CelString) -> Result<CelBool>, name = "ip.isCanonical")?;
    cel::add_overload!(env, fn address_to_string: (Address) -> CelString, name = "string", id = "ip_to_string")?;
    cel::add_member_overload!(env, fn family: (Address) -> CelInt)?;
    cel::add_member_overload!(env, fn is_unspecified: (Address) -> CelBool)?;
    cel::add_member_overload!(env, fn is_loopback: (Address) -> CelBool)?;
    cel::add_member_overload!(env, fn is_link_local_multicast: (Address) -> CelBool)?;
    cel::add_member_overload!(env, fn is_link_local_unicast: (Address) -> CelBool)?;
    cel::add_member_overload!(env, fn is_global_unicast: (Address) -> CelBool)?;

    cel::add_overload!(env, fn cidr: (CelString) -> Result<Network>)?;
    cel::add_overload!(env, fn is_cidr: (CelString) -> CelBool, name = "isCIDR")?;
    cel::add_overload!(env, fn network_to_string: (Network) -> CelString, name = "string", id = "cidr_to_string")?;
    cel::add_member_overload!(env, fn contains_ip: (Network, Address) -> CelBool, name = "containsIP")?;
    cel::add_member_overload!(env, fn contains_ip_text: (Network, CelString) -> Result<CelBool>, name = "containsIP")?;
    cel::add_member_overload!(env, fn contains_cidr: (Network, Network) -> CelBool, name = "containsCIDR")?;
    cel::add_member_overload!(env, fn contains_cidr_text: (Network, CelString) -> Result<CelBool>, name = "containsCIDR")?;
    cel::add_member_overload!(env, fn address: (Network) -> Address, name = "ip")?;
    cel::add_member_overload!(env, fn network: (Network) -> Network, name = "masked")?;
    cel::add_member_overload!(env, fn prefix_length: (Network) -> CelInt)?;
    Ok(())
}

fn ip(text: &CelString<'_>) -> Result<Address, ExecutionError> {
    Address::parse(text.inner()).ok_or_else(|| {
        let message = format!("found {:?}; expected an address such as 10.0.0.1 or 2001:db8::1", text.inner());
        ExecutionError::function_error("ip", message)
    })
}

fn is_ip(text: &CelString<'_>) -> CelBool {
    Address::parse(text.inner()).is_some().into()
}

fn is_canonical(text: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok((ip(text)?.0.to_string() == text.inner()).into())
}

fn address_to_string(this: &Address) -> CelString<'static> {
    this.0.to_string().into()
}

fn family(this: &Address) -> CelInt {
    (if this.0.is_ipv4() { 4 } else { 6 }).into()
}

fn is_unspecified(this: &Address) -> CelBool {
    this.0.is_unspecified().into()
}

fn is_loopback(this: &Address) -> CelBool {
    this.0.is_loopback().into()
}

fn is_link_local_multicast(this: &Address) -> CelBool {
    match this.0 {
        IpAddr::V4(four) => matches!(four.octets(), [224, 0, 0, _]),
        IpAddr::V6(six) => six.segments()[0] & 0xff0f == 0xff02,
    }
    .into()
}

fn link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_link_local(),
        IpAddr::V6(six) => six.is_unicast_link_local(),
    }
}

fn is_link_local_unicast(this: &Address) -> CelBool {
    link_local(this.0).into()
}

/// As Go has it: private addresses count, broadcast does not.
fn is_global_unicast(this: &Address) -> CelBool {
    let broadcast = matches!(this.0, IpAddr::V4(four) if four.is_broadcast());
    let other = this.0.is_unspecified() || this.0.is_loopback() || this.0.is_multicast();
    (!broadcast && !other && !link_local(this.0)).into()
}

fn cidr(text: &CelString<'_>) -> Result<Network, ExecutionError> {
    Network::parse(text.inner()).ok_or_else(|| {
        let message = format!("found {:?}; expected a network such as 10.0.0.0/8 or 2001:db8::/32", text.inner());
        ExecutionError::function_error("cidr", message)
    })
}

fn is_cidr(text: &CelString<'_>) -> CelBool {
    Network::parse(text.inner()).is_some().into()
}

fn network_to_string(this: &Network) -> CelString<'static> {
    format!("{}/{}", this.address, this.bits).into()
}

fn contains_ip(this: &Network, other: &Address) -> CelBool {
    this.contains(other.0).into()
}

fn contains_ip_text(this: &Network, other: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok(contains_ip(this, &ip(other)?))
}

fn contains_cidr(this: &Network, other: &Network) -> CelBool {
    this.covers(*other).into()
}

fn contains_cidr_text(this: &Network, other: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok(contains_cidr(this, &cidr(other)?))
}

fn address(this: &Network) -> Address {
    Address(this.address)
}

fn network(this: &Network) -> Network {
    Network { address: masked(this.address, this.bits), bits: this.bits }
}

fn prefix_length(this: &Network) -> CelInt {
    i64::from(this.bits).into()
}
