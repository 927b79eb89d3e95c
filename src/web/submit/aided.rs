//! The form after a button of one of the aids, where no script asks for the panel alone.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;

use super::page::Draft;
use super::{State, forgery};
use crate::web::aids;
use crate::web::aids::rule::RuleAid;
use crate::web::aids::timeline::ChatAnswer;
use crate::web::form::action::Aid;
use crate::web::form::view::{Aids, Mode};
use crate::web::form::{Action, Filled};

/// Said where an aid gets no turn.
const BUSY: &str = "This server is too busy at the moment. Nothing is lost: try again in a little while.";

/// The form with what was made of a paste.
pub(super) async fn form(request: &HttpRequest, state: &State, mode: Mode, mut filled: Filled, aid: Aid) -> Draft {
    if let Some(notice) = forgery(request, state, &filled) {
        return *Draft::new(mode, filled).with_notice(StatusCode::FORBIDDEN, notice);
    }
    let action = Action::Aid(aid);
    if aid == Aid::Chat {
        return match aids::timeline::read(state, &mut filled).await {
            Ok(Ok(chat)) => {
                let aids = Aids { chat: Some(chat), ..Aids::default() };
                Draft::new(mode, filled).after(action, Some("timeline-chat".to_owned())).with_aids(aids)
            }
            Ok(Err(errors)) => Draft::new(mode, filled).with_errors(errors).after(action, None),
            Err(error) => {
                tracing::warn!(%error, "a chat log could not be read");
                let note = Some(BUSY.to_owned());
                let aids = Aids { chat: Some(ChatAnswer { note, ..ChatAnswer::default() }), ..Aids::default() };
                Draft::new(mode, filled).after(action, Some("timeline-chat".to_owned())).with_aids(aids)
            }
        };
    }
    let before = filled.input.failure.rules.len();
    let rule = aids::rule::help(state, &mut filled, aid).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "rules could not be tried on a paste");
        RuleAid::saying(&filled.pasted.evidence, BUSY)
    });
    let rules = filled.input.failure.rules.len();
    let focus = if rules > before { format!("rules-{before}-name") } else { "rules-aid".to_owned() };
    let aids = Aids { rule: Some(rule), ..Aids::default() };
    Draft::new(mode, filled).after(action, Some(focus)).with_aids(aids)
}
