//! The page that says what this is, and how to use it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::error::PageError;
use super::page::{Section, Shell, render};

pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/about").route(web::get().to(about)));
}

#[derive(askama::Template)]
#[template(path = "about/page.html")]
struct AboutPage {
    shell: Shell,
}

async fn about(shell: Shell) -> Result<HttpResponse, PageError> {
    render(&AboutPage { shell: shell.at(Section::About) }, StatusCode::OK)
}
