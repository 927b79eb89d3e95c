//! What every page shares: the shell around its content, and the way it is rendered.

use std::cell::Cell;
use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};

use super::error::PageError;
use super::guard::CsrfToken;
use super::spoken::Spoken;
use super::state::{AppState, Settings};
use super::theme::Theme;
use super::visitor::{self, Visitor};
use crate::domain::{Actor, Member, Permission, Policy};

/// Renders a page as HTML. HTML cannot hold NUL: what somebody typed is shown with the sign for it instead, so that
/// they see where it is.
pub fn render(template: &impl askama::Template, status: StatusCode) -> Result<HttpResponse, PageError> {
    let html = template.render()?.replace('\0', "\u{2400}");
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

/// Which part of the site a page belongs to; its link in the header says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Match,
    Stories,
    Patterns,
    About,
    Write,
    Drafts,
    Review,
    None,
}

/// What `base.html` needs. Handlers take it as an argument and put it into their page as `shell`.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The part of the site.
    pub section: Section,
    /// What the search box of the header holds.
    pub query: String,
    /// Path and query of this page, to come back to.
    pub here: String,
    /// The one address of this page, where the public address of the server is known.
    pub canonical: Option<String>,
    /// The chosen colours.
    pub theme: Theme,
    /// The language to show what is translated in.
    pub(super) spoken: Spoken,
    actor: Actor,
    policy: Policy,
    csrf: CsrfField,
    /// How many drafts wait for whoever is logged in to decide about them.
    pub waiting: u64,
}

/// A token that is put into a cookie only if a page prints it, so that readers get no cookie.
#[derive(Debug, Clone)]
pub(super) struct CsrfField {
    token: CsrfToken,
    /// Whether the browser has to be given the cookie.
    wanted: Rc<Cell<bool>>,
}

impl Shell {
    /// The shell for a request, from the parts that outlive it.
    pub(super) fn new(visit: &Visit, settings: &Settings) -> Self {
        Self {
            section: Section::None,
            query: String::new(),
            here: visit.here.clone(),
            canonical: settings.public_url.as_ref().map(|url| format!("{url}{}", visit.path)),
            theme: visit.theme,
            spoken: visit.spoken.clone(),
            actor: visit.actor.clone(),
            policy: settings.policy,
            csrf: CsrfField { token: visit.token.clone(), wanted: Rc::default() },
            waiting: visit.waiting,
        }
    }

    /// The same shell for a page of that part of the site.
    #[must_use]
    pub fn at(mut self, section: Section) -> Self {
        self.section = section;
        self
    }

    /// The same shell with words in the search box.
    #[must_use]
    pub fn searched(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }

    /// `aria-current` for a link of the header.
    pub fn current(&self, section: Section) -> &'static str {
        if self.section == section { "page" } else { "false" }
    }

    /// Whoever is logged in.
    pub fn member(&self) -> Option<&Member> {
        self.actor.member()
    }

    /// What stands for whoever is logged in where there is no room for their name.
    pub fn initial(&self) -> String {
        let first = self.member().and_then(|member| member.name.as_str().chars().next());
        first.map(|first| first.to_uppercase().collect()).unwrap_or_default()
    }

    /// Whether a submission from this visitor would be accepted.
    pub fn may_submit(&self) -> bool {
        self.may(Permission::Submit)
    }

    /// Why a submission from this visitor would not be accepted; empty if it would.
    pub fn why_not_submit(&self) -> String {
        let refused = self.policy.permits(&self.actor, Permission::Submit);
        refused.err().map(|denial| denial.to_string()).unwrap_or_default()
    }

    /// Whether this visitor may publish without anybody else.
    pub fn may_publish(&self) -> bool {
        self.may(Permission::Publish)
    }

    /// Whether this visitor manages accounts.
    pub fn may_administer(&self) -> bool {
        self.may(Permission::Administer)
    }

    fn may(&self, permission: Permission) -> bool {
        self.policy.permits(&self.actor, permission).is_ok()
    }

    /// Whether logging in would change anything for this visitor.
    pub fn offers_login(&self) -> bool {
        self.actor == Actor::Anonymous
    }

    /// Whether nobody may write here.
    pub fn is_read_only(&self) -> bool {
        self.policy.submission == crate::domain::Submission::Off
    }

    /// The value of the hidden field `csrf`; printing it is what gives the visitor the cookie.
    pub fn csrf(&self) -> &str {
        self.csrf.wanted.set(true);
        self.csrf.token.as_str()
    }
}

impl CsrfField {
    /// The token, if a page has printed it.
    pub(super) fn printed(&self) -> Option<&CsrfToken> {
        self.wanted.get().then_some(&self.token)
    }
}

impl FromRequest for Shell {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(state) = request.app_data::<web::Data<AppState>>() else {
            return ready(Err(PageError::Internal("the server was started without its state".into())));
        };
        let shell = Self::new(&Visit::of(request, &state.settings), &state.settings);
        request.extensions_mut().insert(shell.csrf.clone());
        ready(Ok(shell))
    }
}

/// What the shell needs to know of a request, kept apart from it: the request is gone when a handler has panicked.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub(super) path: String,
    here: String,
    theme: Theme,
    spoken: Spoken,
    actor: Actor,
    token: CsrfToken,
    waiting: u64,
    /// Whether a person would take a page for an answer, and nothing is lost when it is another one.
    goes_to_a_page: bool,
}

impl Visit {
    pub(super) fn of(request: &HttpRequest, settings: &Settings) -> Self {
        let uri = request.uri();
        let headers = request.headers();
        let extensions = request.extensions();
        let visitor = extensions.get::<Visitor>();
        Self {
            path: uri.path().to_owned(),
            here: uri.path_and_query().map_or("/", |whole| whole.as_str()).to_owned(),
            theme: Theme::of(headers, settings),
            spoken: Spoken::of(request),
            actor: visitor.map_or_else(
                || visitor::stranger(settings, request.peer_addr(), headers),
                |visitor| visitor.actor.clone(),
            ),
            token: CsrfToken::of(headers, settings),
            waiting: visitor.map_or(0, |visitor| visitor.waiting),
            goes_to_a_page: goes_to_a_page(request),
        }
    }

    /// Path and query.
    pub(super) fn here(&self) -> &str {
        &self.here
    }

    /// Whether a person goes to a page, who can be led to another one: nothing is sent, and no program or script asks.
    pub(super) fn goes_to_a_page(&self) -> bool {
        self.goes_to_a_page && !self.is_api()
    }

    /// Whether programs rather than people asked.
    pub(super) fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }
}

/// Whether a person goes to a page with a request, rather than sends something, or a program or script asks.
pub(super) fn goes_to_a_page(request: &HttpRequest) -> bool {
    request.method().is_safe() && wants_a_page(request.headers())
}

/// Whether what is asked for is to be shown as a page. Browsers say so; whatever says nothing may be anything.
fn wants_a_page(headers: &HeaderMap) -> bool {
    let says = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    says("sec-fetch-dest").is_none_or(|dest| dest == "document")
        && says(header::ACCEPT.as_str()).is_none_or(|types| types.contains("text/html") || types.contains("*/*"))
}

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}
