//! One provider: sending somebody there, and finding out who came back.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClaimsVerificationError, CsrfToken, HttpRequest, IdTokenClaims,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, StandardErrorResponse, SubjectIdentifier, TokenResponse, UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Semaphore};

use super::claims::{Claims, OtherClaims};
use super::discovery::{Discovered, Known, Need, Token};
use super::http::{Http, HttpError, Reach};
use super::{Identity, Misconfigured, OidcError, Registration, RoleMapping};

/// A provider that people may log in with.
pub struct Provider {
    registration: Registration,
    issuer: IssuerUrl,
    way_back: RedirectUrl,
    http: Http,
    known: Mutex<Known<Discovered>>,
    turns: Semaphore,
}

/// What only the browser that began keeps until it is back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Comes back in the address: whoever brings another one was sent by somebody else.
    pub state: String,
    /// Comes back in the ID token: it was made for this attempt.
    pub nonce: String,
    /// Proves that whoever brings the code is who asked for it (PKCE).
    pub verifier: String,
}

/// Somebody on their way to the provider.
#[derive(Debug, Clone)]
pub struct Departure {
    /// Where to send them.
    pub address: String,
    /// What their browser keeps.
    pub attempt: Attempt,
}

/// What the provider sends somebody back with, in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Answer {
    /// What the ID token is had for.
    pub code: Option<String>,
    /// The attempt's own.
    pub state: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// What the code was good for.
struct Tokens {
    id: Token,
    access: AccessToken,
}

impl Provider {
    /// The path that the provider sends people back to; it is registered there.
    pub const WAY_BACK: &'static str = "/login/oidc/return";
    /// How far the provider's clock may be from ours.
    const CLOCKS: TimeDelta = TimeDelta::minutes(1);
    /// How much is asked of the provider at a time.
    const TURNS: usize = 16;

    /// Checks the registration. The provider is not asked before somebody logs in.
    pub fn new(registration: Registration) -> Result<Self, Misconfigured> {
        let wrong = || Misconfigured::Issuer(registration.issuer.clone());
        let issuer = IssuerUrl::new(registration.issuer.clone()).map_err(|_| wrong())?;
        let reach = Reach::of(issuer.url()).ok_or_else(wrong)?;
        if issuer.url().query().is_some() || issuer.url().fragment().is_some() || !issuer.url().username().is_empty() {
            return Err(wrong());
        }
        let way_back = RedirectUrl::new(format!("{}{}", registration.public_url, Self::WAY_BACK))
            .map_err(|_| Misconfigured::PublicUrl(registration.public_url.clone()))?;
        if registration.client_id.trim().is_empty() {
            return Err(Misconfigured::ClientId);
        }
        if !registration.roles.lets_somebody_in() {
            return Err(Misconfigured::Nobody);
        }
        Ok(Self {
            registration,
            issuer,
            way_back,
            http: Http::new(reach),
            known: Mutex::new(Known::nothing()),
            turns: Semaphore::new(Self::TURNS),
        })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        self.registration.name.as_str()
    }

    /// What its groups mean here.
    pub fn roles(&self) -> &RoleMapping {
        &self.registration.roles
    }

    /// Sends somebody on their way.
    pub async fn begin(self: &Arc<Self>, now: DateTime<Utc>) -> Result<Departure, OidcError> {
        let discovered = self.discovered(Need::Any, now).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = self.registration.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new);
        let (address, state, nonce) = discovered
            .client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(scopes)
            .set_pkce_challenge(challenge)
            .url();
        let attempt =
            Attempt { state: state.into_secret(), nonce: nonce.secret().clone(), verifier: verifier.into_secret() };
        Ok(Departure { address: address.into(), attempt })
    }

    /// Finds out who came back. That the state is the attempt's own has been checked.
    pub async fn finish(
        self: &Arc<Self>,
        attempt: Attempt,
        answer: Answer,
        now: DateTime<Utc>,
    ) -> Result<Identity, OidcError> {
        let mut discovered = self.discovered(Need::Any, now).await?;
        self.check_sender(&discovered, answer.iss.as_deref())?;
        let code = code_of(answer)?;
        let tokens = {
            let (discovered, verifier) = (Arc::clone(&discovered), attempt.verifier);
            self.blocking(move |http| exchange(http, &discovered, code, verifier)).await?
        };
        let nonce = Nonce::new(attempt.nonce);
        let claims = match verify(&discovered, &tokens, &nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                discovered = self.discovered(Need::NewKeys, now).await?;
                verify(&discovered, &tokens, &nonce, now).map_err(OidcError::unverified)?
            }
            verified => verified.map_err(OidcError::unverified)?,
        };
        let subject = claims.subject().clone();
        let told = Claims::of_token(&claims, &self.registration.groups_claim);
        let told = if told.is_whole() || discovered.client.user_info_url().is_none() {
            told
        } else {
            told.or(self.more_claims(discovered, tokens.access, subject.clone()).await?)
        };
        self.identity(&subject, told)
    }

    fn identity(&self, subject: &SubjectIdentifier, told: Claims) -> Result<Identity, OidcError> {
        // OpenID Connect Core 1.0, 2: at most 255 characters.
        let subject = subject.as_str();
        if subject.is_empty() || subject.len() > 255 || subject.contains('\0') {
            return Err(OidcError::unverified("the subject is empty or longer than 255 characters"));
        }
        let (name, mailbox, groups) = told.into_parts().ok_or_else(|| OidcError::unverified("it names nobody"))?;
        Ok(Identity { issuer: self.issuer.as_str().to_owned(), subject: subject.to_owned(), name, mailbox, groups })
    }

    /// An answer that another provider gave could be made to look like one of this provider's (a mix-up).
    fn check_sender(&self, discovered: &Discovered, sender: Option<&str>) -> Result<(), OidcError> {
        match sender {
            Some(sender) if sender == self.issuer.as_str() => Ok(()),
            None if !discovered.signs_answers => Ok(()),
            Some(_) | None => Err(OidcError::Stray),
        }
    }

    async fn more_claims(
        self: &Arc<Self>,
        discovered: Arc<Discovered>,
        access: AccessToken,
        subject: SubjectIdentifier,
    ) -> Result<Claims, OidcError> {
        // The library would not survive a token that cannot be a header.
        if !access.secret().bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
            return Err(OidcError::unreachable("the access token holds what no header can"));
        }
        let claims: UserInfoClaims<OtherClaims, CoreGenderClaim> = self
            .blocking(move |http| {
                let send = |request: HttpRequest| http.send(request);
                let request = discovered.client.user_info(access, Some(subject)).map_err(OidcError::unreachable)?;
                request.request(&send).map_err(untold)
            })
            .await?;
        Ok(Claims::of_user_info(&claims, &self.registration.groups_claim))
    }

    /// What the provider says about itself. Others who need it wait for the one who asks.
    async fn discovered(self: &Arc<Self>, need: Need, now: DateTime<Utc>) -> Result<Arc<Discovered>, OidcError> {
        let mut known = self.known.lock().await;
        if !known.should_ask(need, now) {
            return known.kept().ok_or_else(|| OidcError::unreachable("it did not answer a moment ago"));
        }
        known.ask(now);
        let provider = Arc::clone(self);
        let asked = self.blocking(move |http| {
            Discovered::ask(http, &provider.issuer, &provider.registration, provider.way_back.clone())
        });
        match (asked.await, known.kept()) {
            (Ok(discovered), _) => Ok(known.keep(discovered, now)),
            (Err(error), Some(kept)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "going on with what the provider said before");
                Ok(kept)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Does what blocks elsewhere, some at a time.
    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Http) -> Result<T, OidcError> + Send + 'static,
    ) -> Result<T, OidcError> {
        let _turn = self.turns.acquire().await.map_err(OidcError::unreachable)?;
        let provider = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&provider.http)).await.map_err(OidcError::unreachable)?
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("registration", &self.registration).finish_non_exhaustive()
    }
}

/// The code, or what the provider says instead.
fn code_of(answer: Answer) -> Result<AuthorizationCode, OidcError> {
    match (answer.error, answer.code) {
        (Some(error), _) if error == "access_denied" => Err(OidcError::Denied),
        // It comes in an address, which anybody can write.
        (Some(error), _) => Err(OidcError::Failed(error.chars().filter(char::is_ascii_graphic).take(64).collect())),
        (None, Some(code)) => Ok(AuthorizationCode::new(code)),
        (None, None) => Err(OidcError::Failed("no code".to_owned())),
    }
}

/// Gives the code for tokens. Blocks.
fn exchange(
    http: &Http,
    discovered: &Discovered,
    code: AuthorizationCode,
    verifier: String,
) -> Result<Tokens, OidcError> {
    let send = |request: HttpRequest| http.send(request);
    let request = discovered.client.exchange_code(code).map_err(OidcError::unreachable)?;
    let answer = request.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request(&send).map_err(refused)?;
    let id = answer.id_token().cloned().ok_or_else(|| OidcError::unverified("it sent no ID token"))?;
    Ok(Tokens { id, access: answer.access_token().clone() })
}

type Refused = RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>;

fn refused(error: Refused) -> OidcError {
    let is_spent = matches!(
        &error,
        RequestTokenError::ServerResponse(answer) if *answer.error() == CoreErrorResponseType::InvalidGrant
    );
    if is_spent { OidcError::Spent(Box::new(error)) } else { OidcError::unreachable(error) }
}

fn untold(error: UserInfoError<HttpError>) -> OidcError {
    if let UserInfoError::ClaimsVerification(why) = error {
        OidcError::unverified(why)
    } else {
        OidcError::unreachable(error)
    }
}

/// Checks signature, issuer, audience, nonce and time of the ID token, and that the access token goes with it.
fn verify(
    discovered: &Discovered,
    tokens: &Tokens,
    nonce: &Nonce,
    now: DateTime<Utc>,
) -> Result<IdTokenClaims<OtherClaims, CoreGenderClaim>, ClaimsVerificationError> {
    let verifier = discovered.client.id_token_verifier().set_time_fn(move || now - Provider::CLOCKS);
    let claims = tokens.id.claims(&verifier, nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let mismatch = ClaimsVerificationError::SignatureVerification;
        let algorithm = tokens.id.signing_alg().map_err(mismatch)?;
        let key = tokens.id.signing_key(&verifier).map_err(mismatch)?;
        let found = AccessTokenHash::from_token(&tokens.access, algorithm, key)
            .map_err(|error| ClaimsVerificationError::Other(error.to_string()))?;
        if found != *expected {
            return Err(ClaimsVerificationError::Other("the access token is not the ID token's".to_owned()));
        }
    }
    Ok(claims.clone())
}

#[cfg(test)]
mod tests {
    use super::super::{ClientSecret, GroupRole, Misconfigured, OidcError, Registration, RoleMapping};
    use super::{Answer, Provider, code_of};
    use crate::domain::{Line, Role};

    fn registration() -> Registration {
        Registration {
            issuer: "https://id.example.com/realms/a".to_owned(),
            client_id: "casebook".to_owned(),
            client_secret: Some(ClientSecret::new("do not show".to_owned())),
            name: Line::parse("Example SSO").expect("a name"),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            groups_claim: "groups".to_owned(),
            roles: RoleMapping::new(Vec::new(), Some(Role::Reader)),
            public_url: "https://casebook.example.com".to_owned(),
        }
    }

    #[test]
    fn issuers_are_https_addresses_or_on_this_machine() {
        for right in ["https://id.example.com", "https://id.example.com/a/", "http://127.0.0.1:4000"] {
            assert!(Provider::new(Registration { issuer: right.to_owned(), ..registration() }).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "id.example.com",
            "http://id.example.com",
            "https://id.example.com?a=b",
            "https://id.example.com#a",
            "https://me:secret@id.example.com",
            "file:///etc/passwd",
        ] {
            let refused = Provider::new(Registration { issuer: wrong.to_owned(), ..registration() });
            assert!(matches!(refused, Err(Misconfigured::Issuer(_))), "{wrong}");
        }
    }

    #[test]
    fn a_registration_that_would_let_nobody_in_is_refused() {
        let nobody = RoleMapping::new(Vec::new(), None);
        let refused = Provider::new(Registration { roles: nobody, ..registration() });
        assert!(matches!(refused, Err(Misconfigured::Nobody)));
        let staff = GroupRole { group: "staff".to_owned(), role: Role::Author };
        let some = RoleMapping::new(vec![staff], None);
        assert!(Provider::new(Registration { roles: some, ..registration() }).is_ok());
        let refused = Provider::new(Registration { client_id: " ".to_owned(), ..registration() });
        assert!(matches!(refused, Err(Misconfigured::ClientId)));
    }

    #[test]
    fn a_provider_that_is_printed_keeps_its_secret() {
        let printed = format!("{:?}", Provider::new(registration()).expect("a provider"));
        assert!(printed.contains("Example SSO") && !printed.contains("do not show"), "{printed}");
    }

    #[test]
    fn an_answer_is_a_code_a_refusal_or_an_error() {
        let answer = |code: Option<&str>, error: Option<&str>| {
            code_of(Answer { code: code.map(str::to_owned), error: error.map(str::to_owned), ..Answer::default() })
        };
        assert_eq!(answer(Some("abc"), None).expect("a code").secret(), "abc");
        assert!(matches!(answer(Some("abc"), Some("access_denied")), Err(OidcError::Denied)));
        let Err(OidcError::Failed(error)) = answer(None, Some("server\nerror\u{1b}[31m é")) else {
            panic!("an error")
        };
        assert_eq!(error, "servererror[31m");
        assert!(matches!(answer(None, None), Err(OidcError::Failed(_))));
    }
}
