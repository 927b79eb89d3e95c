//! The front page: paste what you see, get the failures that are known.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::error::PageError;
use super::page::{Section, Shell, render};

pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/").route(web::get().to(home)));
}

#[derive(askama::Template)]
#[template(path = "home/page.html")]
struct HomePage {
    shell: Shell,
}

async fn home(shell: Shell) -> Result<HttpResponse, PageError> {
    render(&HomePage { shell: shell.at(Section::Match) }, StatusCode::OK)
}
