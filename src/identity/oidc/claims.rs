//! What a provider claims of somebody, in the ID token or on request, brought into one form.

use openidconnect::core::CoreGenderClaim;
use openidconnect::{
    AdditionalClaims, EndUserEmail, EndUserName, EndUserUsername, IdTokenClaims, LocalizedClaim, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Mailbox;
use crate::domain::{Email, Line};

/// Claims beyond the standard ones, as they came: which of them names the groups is the operator's choice.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct OtherClaims(Map<String, Value>);

impl AdditionalClaims for OtherClaims {}

/// What matters of the claims from one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Claims {
    name: Option<Line>,
    mailbox: Option<Mailbox>,
    /// Whether it was said at all if the address is theirs.
    verification_told: bool,
    groups: Option<Vec<String>>,
}

/// The claims that matter as they came, from one place.
#[derive(Clone, Copy)]
struct Told<'a> {
    name: Option<&'a LocalizedClaim<EndUserName>>,
    username: Option<&'a EndUserUsername>,
    email: Option<&'a EndUserEmail>,
    email_verified: Option<bool>,
    other: &'a OtherClaims,
}

impl Claims {
    /// Whoever is in more groups is not believed the rest.
    const MOST_GROUPS: usize = 2_000;

    /// The claims of an ID token.
    pub(super) fn of_token(claims: &IdTokenClaims<OtherClaims, CoreGenderClaim>, groups_claim: &str) -> Self {
        let told = Told {
            name: claims.name(),
            username: claims.preferred_username(),
            email: claims.email(),
            email_verified: claims.email_verified(),
            other: claims.additional_claims(),
        };
        Self::read(told, groups_claim)
    }

    /// The claims that the provider sends on request.
    pub(super) fn of_user_info(claims: &UserInfoClaims<OtherClaims, CoreGenderClaim>, groups_claim: &str) -> Self {
        let told = Told {
            name: claims.name(),
            username: claims.preferred_username(),
            email: claims.email(),
            email_verified: claims.email_verified(),
            other: claims.additional_claims(),
        };
        Self::read(told, groups_claim)
    }

    /// What is malformed counts as not told.
    fn read(told: Told<'_>, groups_claim: &str) -> Self {
        let name = told.name.and_then(|name| name.get(None).or_else(|| name.iter().next().map(|(_, any)| any)));
        let called = name.map(|name| name.as_str()).or_else(|| told.username.map(|name| name.as_str()));
        let address = told.email.and_then(|email| Email::parse(email.as_str()).ok());
        let is_verified = told.email_verified == Some(true);
        Self {
            name: called.and_then(|name| Line::parse(name).ok()),
            mailbox: address.map(|address| Mailbox { address, is_verified }),
            verification_told: told.email_verified.is_some(),
            groups: groups_in(&told.other.0, groups_claim),
        }
    }

    /// Whether everything has been told, so that nothing more needs to be asked for.
    pub(super) fn is_whole(&self) -> bool {
        self.name.is_some() && self.mailbox.is_some() && self.verification_told && self.groups.is_some()
    }

    /// The same, with what is missing taken from elsewhere. An address and whether it is verified belong together.
    pub(super) fn or(self, more: Self) -> Self {
        let keeps_mailbox = more.mailbox.is_none() || (self.mailbox.is_some() && self.verification_told);
        let (mailbox, verification_told) =
            if keeps_mailbox { (self.mailbox, self.verification_told) } else { (more.mailbox, more.verification_told) };
        Self { name: self.name.or(more.name), mailbox, verification_told, groups: self.groups.or(more.groups) }
    }

    /// Name, mailbox and groups. Whoever has no name is called by the beginning of their address, or what they are.
    pub(super) fn into_parts(self) -> Option<(Line, Option<Mailbox>, Vec<String>)> {
        let local = self.mailbox.as_ref().and_then(|mailbox| mailbox.address.as_str().split('@').next());
        let name = self.name.or_else(|| Line::parse(local.unwrap_or("Somebody")).ok())?;
        Some((name, self.mailbox, self.groups.unwrap_or_default()))
    }
}

/// The groups: an array of strings, or one string. Providers that put more into an entry than its name are not
/// understood; what is no string is passed over. A claim with dots can also lead through objects, as
/// `realm_access.roles` does.
fn groups_in(claims: &Map<String, Value>, claim: &str) -> Option<Vec<String>> {
    let whole = claims.get(claim);
    let value = whole.or_else(|| {
        let mut steps = claim.split('.');
        let first = claims.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    })?;
    match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) => {
            let names = several.iter().filter_map(Value::as_str).map(str::to_owned);
            Some(names.take(Claims::MOST_GROUPS).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use openidconnect::EndUserEmail;
    use serde_json::{Map, Value, json};

    use super::{Claims, OtherClaims, Told, groups_in};

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    fn mailed(email: &str, email_verified: Option<bool>) -> Claims {
        let (email, other) = (EndUserEmail::new(email.to_owned()), OtherClaims::default());
        let told = Told { name: None, username: None, email: Some(&email), email_verified, other: &other };
        Claims::read(told, "groups")
    }

    #[test]
    fn groups_are_an_array_of_strings_or_one_string() {
        for (claims, expected) in [
            (json!({ "groups": ["sre", "staff"] }), Some(vec!["sre", "staff"])),
            (json!({ "groups": "sre" }), Some(vec!["sre"])),
            (json!({ "groups": [] }), Some(vec![])),
            (json!({ "groups": ["sre", 7, null, { "name": "admin" }] }), Some(vec!["sre"])),
            (json!({ "groups": { "admin": true } }), None),
            (json!({ "groups": null }), None),
            (json!({ "groups": true }), None),
            (json!({ "roles": ["admin"] }), None),
        ] {
            let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(groups_in(&map(&claims), "groups"), expected, "{claims}");
        }
    }

    #[test]
    fn a_claim_with_dots_is_a_name_of_its_own_or_a_way_through_objects() {
        let nested = map(&json!({ "realm_access": { "roles": ["sre"] } }));
        assert_eq!(groups_in(&nested, "realm_access.roles"), Some(vec!["sre".to_owned()]));
        assert_eq!(groups_in(&nested, "realm_access.none"), None);
        assert_eq!(groups_in(&nested, "realm_access"), None);
        let named = map(&json!({ "https://example.com/groups": ["sre"] }));
        assert_eq!(groups_in(&named, "https://example.com/groups"), Some(vec!["sre".to_owned()]));
    }

    #[test]
    fn an_address_is_verified_only_if_the_provider_says_so_of_that_address() {
        let verified = |claims: Claims| claims.mailbox.expect("an address").is_verified;
        assert!(verified(mailed("ada@example.com", Some(true))));
        assert!(!verified(mailed("ada@example.com", Some(false))));
        assert!(!verified(mailed("ada@example.com", None)));
        let merged = mailed("ada@example.com", Some(false)).or(mailed("other@example.com", Some(true)));
        let mailbox = merged.mailbox.expect("an address");
        assert_eq!((mailbox.address.as_str(), mailbox.is_verified), ("ada@example.com", false));
        let merged = mailed("ada@example.com", None).or(mailed("other@example.com", Some(true)));
        let mailbox = merged.mailbox.expect("an address");
        assert_eq!((mailbox.address.as_str(), mailbox.is_verified), ("other@example.com", true));
    }

    #[test]
    fn whoever_has_no_name_is_called_by_their_address() {
        let (name, _, groups) = mailed("ada@example.com", None).into_parts().expect("a name");
        assert_eq!(name.as_str(), "ada");
        assert!(groups.is_empty());
        let (name, mailbox, _) = mailed("no address", None).into_parts().expect("a name");
        assert_eq!((name.as_str(), mailbox), ("Somebody", None));
    }
}
