//! Addresses as they are kept: hashed to be found and counted by, sealed to be written to.

use ouvira_common::{
    entropy::Entropy,
    sealing::{DataKey, Place},
    text::{Address, Channel, Email, Phone},
};

use crate::AuthError;

/// A keyed hash of a folded address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddressHash(pub(crate) [u8; 32]);

impl AddressHash {
    pub(crate) fn of(key: &DataKey, address: &Address) -> Self {
        let channel = address.channel().as_str();
        Self(key.mac("address", &[channel.as_bytes(), address.folded().as_bytes()]))
    }
}

/// An address sealed for one row.
#[derive(Debug, Clone)]
pub(crate) struct SealedAddress {
    pub(crate) channel: Channel,
    pub(crate) sealed: Vec<u8>,
}

impl SealedAddress {
    pub(crate) fn seal(key: &DataKey, place: Place, address: &Address, entropy: &dyn Entropy) -> Self {
        Self { channel: address.channel(), sealed: key.seal(place, address.as_str().as_bytes(), entropy) }
    }

    pub(crate) fn open(&self, key: &DataKey, place: Place) -> Result<Address, AuthError> {
        let broken = || AuthError::Sealed(place.table);
        let plain = key.open(place, &self.sealed).map_err(|_| broken())?;
        let text = str::from_utf8(&plain).map_err(|_| broken())?;
        let address = match self.channel {
            Channel::Email => Email::parse("/email", text).map(Address::Email),
            Channel::Sms => Phone::parse("/phone", text).map(Address::Phone),
        };
        address.map_err(|_| broken())
    }
}
