//! What makes writing quick: rules tried on a paste and suggested for lines of it, and a chat log made into timeline
//! rows. The form does both through its own buttons; these addresses answer its script with the panel alone.

pub(super) mod rule;
pub(super) mod timeline;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use self::rule::RuleAid;
use self::timeline::ChatAnswer;
use super::browse::FRAGMENT;
use super::error::PageError;
use super::form::Filled;
use super::form::action::{Action, Aid};
use super::guard;
use super::page::{Section, Shell, render};
use super::routes::{At, at};
use super::state::AppState;
use super::submit::Sent;
use crate::domain::Permission;

type State = web::Data<AppState>;

pub(super) fn routes() -> Vec<At> {
    vec![
        at("/aids/rule").post(Permission::Submit, help_with_rules),
        at("/aids/timeline").post(Permission::Submit, help_with_timeline),
    ]
}

#[derive(askama::Template)]
#[template(path = "aids/rule.html")]
struct RuleFragment {
    aid: RuleAid,
}

#[derive(askama::Template)]
#[template(path = "aids/rule_page.html")]
struct RulePage {
    shell: Shell,
    aid: RuleAid,
}

#[derive(askama::Template)]
#[template(path = "aids/chat_rows.html")]
struct ChatFragment {
    chat: ChatAnswer,
}

#[derive(askama::Template)]
#[template(path = "aids/chat_page.html")]
struct ChatPage {
    shell: Shell,
    chat: ChatAnswer,
}

/// Answers the whole form with what there is to say about its rules and its paste. Like a trial it may read everything
/// that is published, so it is held to come from our own page.
async fn help_with_rules(
    request: HttpRequest,
    payload: web::Payload,
    state: State,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let mut filled = sent(&request, payload, &state).await?;
    let asked = if let Action::Aid(aid @ (Aid::Take | Aid::Suggest)) = filled.action { aid } else { Aid::Try };
    let aid = rule::help(&state, &mut filled, asked).await?;
    if is_fragment(&request) {
        render(&RuleFragment { aid }, StatusCode::OK)
    } else {
        render(&RulePage { shell: shell.at(Section::Write), aid: aid.alone() }, StatusCode::OK)
    }
}

/// Answers the whole form with the rows that its chat log makes.
async fn help_with_timeline(
    request: HttpRequest,
    payload: web::Payload,
    state: State,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let mut filled = sent(&request, payload, &state).await?;
    let (chat, status) = match timeline::read(&state, &mut filled).await? {
        Ok(chat) => (chat, StatusCode::OK),
        Err(errors) => (ChatAnswer::refused(&errors), StatusCode::UNPROCESSABLE_ENTITY),
    };
    if is_fragment(&request) {
        render(&ChatFragment { chat }, status)
    } else {
        render(&ChatPage { shell: shell.at(Section::Write), chat }, status)
    }
}

async fn sent(request: &HttpRequest, payload: web::Payload, state: &State) -> Result<Filled, PageError> {
    let filled = Sent::read(request, payload).await?.filled;
    guard::check_token(&state.settings, request.headers(), &filled.csrf)?;
    Ok(filled)
}

fn is_fragment(request: &HttpRequest) -> bool {
    request.headers().get(FRAGMENT).is_some_and(|part| part == "aid")
}
