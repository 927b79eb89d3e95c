//! The form after a button of one of the aids, where no script asks for the panel alone.

use actix_web::http::StatusCode;

use super::page::Reply;
use super::turn::Turn;
use crate::web::aids;
use crate::web::aids::rule::RuleAid;
use crate::web::aids::timeline::ChatAnswer;
use crate::web::form::action::Aid;
use crate::web::form::view::Aids;
use crate::web::form::{Action, Filled};

/// Said where an aid gets no turn.
const BUSY: &str = "This server is too busy at the moment. Nothing is lost: try again in a little while.";

impl Turn<'_> {
    /// The form with what was made of a paste.
    pub(super) async fn aided(self, mut filled: Filled, aid: Aid) -> Reply {
        if let Some(notice) = self.forgery(&filled) {
            return *Reply::new(self.mode, filled).with_notice(StatusCode::FORBIDDEN, notice);
        }
        let action = Action::Aid(aid);
        if aid == Aid::Chat {
            let chat = match aids::timeline::read(self.state, &mut filled).await {
                Ok(Ok(chat)) => chat,
                Ok(Err(errors)) => return Reply::new(self.mode, filled).with_errors(errors).after(action, None),
                Err(error) => {
                    tracing::warn!(%error, "a chat log could not be read");
                    ChatAnswer { note: Some(BUSY.to_owned()), ..ChatAnswer::default() }
                }
            };
            let aids = Aids { chat: Some(chat), ..Aids::default() };
            return Reply::new(self.mode, filled).after(action, Some("timeline-chat".to_owned())).with_aids(aids);
        }
        let before = filled.input.failure.rules.len();
        let rule = aids::rule::help(self.state, &mut filled, aid).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "rules could not be tried on a paste");
            RuleAid::saying(&filled.pasted.evidence, BUSY)
        });
        let rules = filled.input.failure.rules.len();
        let focus = if rules > before { format!("rules-{before}-name") } else { "rules-aid".to_owned() };
        let aids = Aids { rule: Some(rule), ..Aids::default() };
        Reply::new(self.mode, filled).after(action, Some(focus)).with_aids(aids)
    }
}
