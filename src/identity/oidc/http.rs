//! Requests to a provider: bounded in time and size, never redirected, and only to where its secrets are safe.

use std::time::Duration;

use openidconnect::url::{Host, Url};
use openidconnect::{HttpRequest, HttpResponse};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Asks a provider.
pub(super) struct Http {
    agent: ureq::Agent,
    reach: Reach,
}

/// Where a provider may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Anywhere, over HTTPS.
    Secure,
    /// On this machine, where nobody listens in: for trying it out.
    ThisMachine,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// The provider named an address that secrets must not be sent to.
    #[error("{0:?} is not an https:// address")]
    Unsafe(String),
    /// The request or the answer did not come through.
    #[error(transparent)]
    Failed(#[from] ureq::Error),
}

impl Reach {
    /// Where a provider with that issuer may be; none where it must not be asked at all.
    pub(super) fn of(issuer: &Url) -> Option<Self> {
        match issuer.scheme() {
            "https" if issuer.host().is_some() => Some(Self::Secure),
            "http" if is_loopback(issuer) => Some(Self::ThisMachine),
            _ => None,
        }
    }

    /// Whether somebody may be sent there.
    pub(super) fn admits(self, address: &Url) -> bool {
        match Self::of(address) {
            Some(Self::Secure) => true,
            Some(Self::ThisMachine) => self == Self::ThisMachine,
            None => false,
        }
    }
}

fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

impl Http {
    /// The longest that anything is waited for.
    const PATIENCE: Duration = Duration::from_secs(10);
    /// Larger is no answer of a provider, in bytes.
    const LARGEST: u64 = 1 << 20;

    pub(super) fn new(reach: Reach) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Self::PATIENCE))
            // A redirect would carry secrets to wherever it leads.
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("casebook/", env!("CARGO_PKG_VERSION")));
        let config = match trusted() {
            Some(roots) => config.tls_config(TlsConfig::builder().root_certs(roots).build()),
            None => config,
        };
        let config = match reach {
            Reach::Secure => config,
            Reach::ThisMachine => config.proxy(None),
        };
        Self { agent: config.build().into(), reach }
    }

    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    /// Sends a request; blocks until the whole answer is there.
    pub(super) fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let address = request.uri().to_string();
        if !Url::parse(&address).is_ok_and(|address| self.reach.admits(&address)) {
            return Err(HttpError::Unsafe(address));
        }
        let (head, body) = request.into_parts();
        let answer = if body.is_empty() {
            self.agent.run(ureq::http::Request::from_parts(head, ()))?
        } else {
            self.agent.run(ureq::http::Request::from_parts(head, body))?
        };
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(Self::LARGEST).read_to_vec()?;
        Ok(ureq::http::Response::from_parts(head, body))
    }
}

/// Whom the machine trusts: a company's own provider often has a certificate of the company's own. None where the
/// machine says nothing; then the public authorities are trusted.
fn trusted() -> Option<RootCerts> {
    let found = rustls_native_certs::load_native_certs();
    let roots: Vec<_> = found.certs.iter().map(|one| Certificate::from_der(one).to_owned()).collect();
    (!roots.is_empty()).then(|| RootCerts::new_with_certs(&roots))
}

#[cfg(test)]
mod tests {
    use openidconnect::url::Url;

    use super::{Http, HttpError, Reach};

    fn reach(address: &str) -> Option<Reach> {
        Reach::of(&Url::parse(address).expect("an address"))
    }

    #[test]
    fn a_provider_is_asked_over_https_or_on_this_machine() {
        assert_eq!(reach("https://id.example.com/realms/a"), Some(Reach::Secure));
        for near in ["http://127.0.0.1:4000", "http://localhost:4000/a", "http://[::1]:4000"] {
            assert_eq!(reach(near), Some(Reach::ThisMachine), "{near}");
        }
        for wrong in ["http://id.example.com", "http://localhost.example.com", "http://10.0.0.1", "ftp://127.0.0.1"] {
            assert_eq!(reach(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_provider_elsewhere_cannot_have_this_machine_asked() {
        let request = openidconnect::http::Request::get("http://127.0.0.1:1/keys").body(Vec::new()).expect("a request");
        let refused = Http::new(Reach::Secure).send(request).expect_err("refused");
        assert!(matches!(refused, HttpError::Unsafe(_)), "{refused}");
    }
}
