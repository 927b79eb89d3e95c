//! Every address of the site, with what it takes to be allowed there. A page family lists its own in `routes()`; whoever
//! adds one cannot leave out its permission, and `tests/it/access` holds the whole table against every role.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, web};

use super::error::PageError;
use super::{
    about, account, aids, api, assets, audit, browse, contact, drafts, feed, guard, health, home, keeping, members,
    oidc, pattern, picture, review, revision, rules, story, submit, theme,
};
use crate::domain::Permission;

/// One address, with the methods that it answers to.
pub(super) struct At {
    path: String,
    resource: Resource,
    lines: Vec<(Method, Permission)>,
}

/// Begins an address: `at("/about").get(Permission::Read, about)`.
pub(super) fn at(path: impl Into<String>) -> At {
    let path = path.into();
    At { resource: web::resource(path.as_str()), path, lines: Vec::new() }
}

impl At {
    /// Answers to GET, and so to HEAD.
    pub(super) fn get<F, A>(self, permission: Permission, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::GET, permission, handler)
    }

    /// Answers to POST. Requests from pages of other sites never reach the handler.
    pub(super) fn post<F, A>(self, permission: Permission, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::POST, permission, handler)
    }

    /// Answers to POST of a form that took somebody's time to fill in. A visitor who may not send it, since they are no longer
    /// logged in, gets it back as they filled it in: the handler is called all the same, and begins by asking its argument
    /// `Leave` whether it may do anything.
    pub(super) fn post_giving_back<F, A>(mut self, permission: Permission, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.lines.push((Method::POST, permission));
        let guarded = from_fn(move |request, next| guard::admit_or_tell(permission, request, next));
        Self { resource: self.resource.route(web::post().to(handler).wrap(guarded)), ..self }
    }

    /// Gives the handlers something to know: they take it as `web::Data`.
    pub(super) fn knowing<T: 'static>(self, data: T) -> Self {
        Self { resource: self.resource.app_data(web::Data::new(data)), ..self }
    }

    fn method<F, A>(mut self, method: Method, permission: Permission, handler: F) -> Self
    where
        F: Handler<A>,
        A: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.lines.push((method.clone(), permission));
        let guarded = from_fn(move |request, next| guard::admit(permission, request, next));
        Self { resource: self.resource.route(web::method(method).to(handler).wrap(guarded)), ..self }
    }
}

/// All of them. The order matters where two fit an address: the first one answers.
fn all() -> Vec<At> {
    let families = [
        home::routes(),
        browse::routes(),
        // Before the stories themselves: `new` is no story's name.
        submit::routes(),
        drafts::routes(),
        keeping::routes(),
        feed::routes(),
        audit::routes(),
        aids::routes(),
        revision::routes(),
        review::routes(),
        rules::routes(),
        story::routes(),
        pattern::routes(),
        api::routes(),
        account::routes(),
        members::routes(),
        picture::routes(),
        about::routes(),
        theme::routes(),
        oidc::routes(),
        health::routes(),
        contact::routes(),
        assets::routes(),
    ];
    families.into_iter().flatten().collect()
}

/// The routes of server and tests alike.
pub(super) fn configure(service: &mut web::ServiceConfig) {
    for at in all() {
        service.service(at.resource);
    }
    service.default_service(web::to(nowhere));
}

/// A line of the table of routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Such as `GET`.
    pub method: String,
    /// With placeholders: `/stories/{slug}`.
    pub path: String,
    /// What it takes.
    pub permission: Permission,
}

/// The whole table, in the order in which routes are tried.
pub fn table() -> Vec<Line> {
    let lines = |at: At| {
        let path = at.path;
        at.lines.into_iter().map(move |(method, permission)| Line {
            method: method.to_string(),
            path: path.clone(),
            permission,
        })
    };
    all().into_iter().flat_map(lines).collect()
}

async fn nowhere() -> Result<HttpResponse, PageError> {
    Err(PageError::NotFound("page at this address".to_owned()))
}
