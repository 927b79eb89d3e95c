//! What a provider says about itself: its addresses and keys, fetched when first needed and kept for an hour.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, Client, ClientId, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, IdToken, IdTokenFields, IssuerUrl, ProviderMetadata, RedirectUrl, StandardErrorResponse,
    StandardTokenResponse,
};
use serde::{Deserialize, Serialize};

use super::claims::OtherClaims;
use super::http::Http;
use super::{OidcError, Registration};

/// An ID token with all its claims.
pub(super) type Token =
    IdToken<OtherClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

type Tokens = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// Casebook as a client of the provider.
pub(super) type OurClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type Metadata = ProviderMetadata<
    Promises,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What the library does not know of a provider's description.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
struct Promises {
    /// Whether every answer says whom it comes from (RFC 9207).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Promises {}

/// A provider as it described itself.
pub(super) struct Discovered {
    pub(super) client: OurClient,
    /// Whether every answer says whom it comes from.
    pub(super) signs_answers: bool,
}

impl Discovered {
    /// Asks the provider for its description and its keys. Blocks.
    pub(super) fn ask(
        http: &Http,
        issuer: &IssuerUrl,
        registration: &Registration,
        way_back: RedirectUrl,
    ) -> Result<Self, OidcError> {
        let send = |request: HttpRequest| http.send(request);
        let metadata = Metadata::discover(issuer, &send).map_err(OidcError::unreachable)?;
        let entrance = metadata.authorization_endpoint().url();
        if !http.reach().admits(entrance) {
            return Err(OidcError::unreachable(format!("it asks people to log in at {entrance}, which is not https")));
        }
        let signs_answers = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        let auth_type = auth_type(metadata.token_endpoint_auth_methods_supported().map(Vec::as_slice));
        let client = Client::from_provider_metadata(
            metadata,
            ClientId::new(registration.client_id.clone()),
            registration.client_secret.clone(),
        );
        Ok(Self { client: client.set_auth_type(auth_type).set_redirect_uri(way_back), signs_answers })
    }
}

/// How the secret is sent. Basic authentication is what every provider has to take unless it says otherwise.
fn auth_type(methods: Option<&[CoreClientAuthMethod]>) -> AuthType {
    let takes = |method| methods.is_some_and(|methods| methods.contains(&method));
    let in_body = takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic);
    if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }
}

/// What is known of a provider, and when it was last asked.
pub(super) struct Known<T> {
    kept: Option<(DateTime<Utc>, Arc<T>)>,
    asked: Option<DateTime<Utc>>,
}

/// Why a provider's description is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// To work with it.
    Any,
    /// Because a token is signed with a key that is not in it.
    NewKeys,
}

impl<T> Known<T> {
    /// How long a description and keys are good.
    const FRESH: TimeDelta = TimeDelta::hours(1);
    /// How often at most a provider is asked while there is something to work with.
    const BETWEEN: TimeDelta = TimeDelta::minutes(1);
    /// And while there is not: whoever waits to log in tries again soon.
    const BETWEEN_FAILURES: TimeDelta = TimeDelta::seconds(3);

    pub(super) fn nothing() -> Self {
        Self { kept: None, asked: None }
    }

    pub(super) fn kept(&self) -> Option<Arc<T>> {
        self.kept.as_ref().map(|(_, known)| Arc::clone(known))
    }

    /// Whether the provider has to be asked, and has not just been.
    pub(super) fn should_ask(&self, need: Need, now: DateTime<Utc>) -> bool {
        let age = |since: DateTime<Utc>| (now - since).abs();
        let wanted = match (&self.kept, need) {
            (Some((at, _)), Need::Any) => age(*at) >= Self::FRESH,
            (Some(_), Need::NewKeys) | (None, _) => true,
        };
        let pause = if self.kept.is_some() { Self::BETWEEN } else { Self::BETWEEN_FAILURES };
        wanted && self.asked.is_none_or(|asked| age(asked) >= pause)
    }

    /// Notes that the provider is being asked.
    pub(super) fn ask(&mut self, now: DateTime<Utc>) {
        self.asked = Some(now);
    }

    pub(super) fn keep(&mut self, answer: T, now: DateTime<Utc>) -> Arc<T> {
        let answer = Arc::new(answer);
        self.kept = Some((now, Arc::clone(&answer)));
        answer
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use openidconnect::AuthType;
    use openidconnect::core::CoreClientAuthMethod;

    use super::{Known, Need, auth_type};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_provider_is_asked_when_first_needed_and_then_once_an_hour() {
        let mut known = Known::nothing();
        assert!(known.should_ask(Need::Any, at(0)));
        known.ask(at(0));
        known.keep("the first", at(0));
        assert!(!known.should_ask(Need::Any, at(3_599)));
        assert!(known.should_ask(Need::Any, at(3_600)));
        known.ask(at(3_600));
        assert!(!known.should_ask(Need::Any, at(3_659)), "a failure is not repeated at once");
        assert!(known.should_ask(Need::Any, at(3_660)));
        assert!(known.kept().is_some(), "what was known stays while nothing newer is");
    }

    #[test]
    fn unknown_keys_are_asked_for_once_a_minute_at_most() {
        let mut known = Known::nothing();
        known.ask(at(0));
        known.keep("the first", at(0));
        assert!(!known.should_ask(Need::NewKeys, at(59)));
        assert!(known.should_ask(Need::NewKeys, at(60)));
        known.ask(at(60));
        assert!(!known.should_ask(Need::NewKeys, at(61)));
        known.keep("the second", at(60));
        assert_eq!(known.kept().as_deref(), Some(&"the second"));
    }

    #[test]
    fn a_provider_that_is_away_is_tried_again_after_some_seconds() {
        let mut known = Known::<()>::nothing();
        known.ask(at(0));
        assert!(!known.should_ask(Need::Any, at(2)));
        assert!(known.should_ask(Need::Any, at(3)));
    }

    #[test]
    fn the_secret_goes_into_a_header_unless_the_provider_takes_it_in_the_body_only() {
        use CoreClientAuthMethod::{ClientSecretBasic, ClientSecretPost, PrivateKeyJwt};
        for (methods, in_body) in [
            (None, false),
            (Some(vec![ClientSecretBasic, ClientSecretPost]), false),
            (Some(vec![PrivateKeyJwt]), false),
            (Some(vec![ClientSecretPost, PrivateKeyJwt]), true),
        ] {
            assert_eq!(matches!(auth_type(methods.as_deref()), AuthType::RequestBody), in_body, "{methods:?}");
        }
    }
}
