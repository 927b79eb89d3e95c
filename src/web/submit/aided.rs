//! The form with what was made of a paste: rules tried on it, a rule suggested, a chat log as rows.

use actix_web::http::StatusCode;

use super::page::Reply;
use super::turn::Turn;
use crate::web::aids;
use crate::web::aids::rule::RuleAid;
use crate::web::form::action::Aid;
use crate::web::form::view::Aids;
use crate::web::form::{Action, Filled};

impl Turn<'_> {
    /// The form with what was made of a paste, where no script asks for that alone.
    pub(super) async fn helped(self, mut filled: Filled, aid: Aid) -> Reply {
        if let Some(notice) = self.forgery(&filled) {
            return *Reply::new(self.mode, filled).with_notice(StatusCode::FORBIDDEN, notice);
        }
        let action = Action::Aid(aid);
        if aid == Aid::Chat {
            return match aids::timeline::read(&mut filled) {
                Ok(chat) => {
                    let aids = Aids { chat: Some(chat), ..Aids::default() };
                    Reply::new(self.mode, filled).after(action, Some("timeline-chat".to_owned())).with_aids(aids)
                }
                Err(errors) => Reply::new(self.mode, filled).with_errors(errors).after(action, None),
            };
        }
        let before = filled.input.failure.rules.len();
        let rule = aids::rule::help(self.state, &mut filled, aid).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "rules could not be tried on a paste");
            let note = "This server is too busy to try rules at the moment. Nothing is lost: try again in a while.";
            RuleAid::saying(&filled.pasted.evidence, note)
        });
        let rules = filled.input.failure.rules.len();
        let focus = if rules > before { format!("rules-{before}-name") } else { "rules-aid".to_owned() };
        let aids = Aids { rule: Some(rule), ..Aids::default() };
        Reply::new(self.mode, filled).after(action, Some(focus)).with_aids(aids)
    }
}
