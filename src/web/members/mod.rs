//! `/members`: who has an account, and what they may do. For admins.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::about;
use super::account::faults::{self, Faults};
use super::account::unkept;
use super::error::PageError;
use super::extract::{Form, Query};
use super::guard;
use super::page::{Shell, render};
use super::routes::{At, at};
use super::state::AppState;
use crate::domain::{Account, AccountId, Actor, Email, Permission, Role};
use crate::service::account::members::{self, Change, Refusal};
use crate::store::link::{Link, Purpose};
use crate::store::{account, link};

pub(super) fn routes() -> Vec<At> {
    use Permission::Administer;
    vec![
        at("/members").get(Administer, page).post(Administer, invite),
        at("/members/invitations").get(Administer, back).post(Administer, withdraw),
        at("/members/{id}").get(Administer, back_from).post(Administer, change),
    ]
}

#[derive(Template)]
#[template(path = "members/page.html")]
struct MembersPage {
    shell: Shell,
    accounts: Vec<Account>,
    invited: Vec<Invited>,
    me: Option<AccountId>,
    email: String,
    role: Role,
    faults: Faults,
    done: &'static str,
    new_link: Option<NewLink>,
}

impl MembersPage {
    fn is_me(&self, account: &Account) -> bool {
        self.me == Some(account.id)
    }
}

/// Somebody who has a link to join by.
struct Invited {
    id: uuid::Uuid,
    email: Email,
    role: Role,
    expires_at: chrono::DateTime<chrono::Utc>,
}

/// A link that was just made: shown once.
struct NewLink {
    heading: String,
    words: &'static str,
    address: String,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    done: String,
}

async fn page(
    state: web::Data<AppState>,
    shell: Shell,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse, PageError> {
    let mut page = read(&state, shell, &actor).await?;
    page.done = match asked.done.as_str() {
        "role" => "The role is changed. It holds from their next click on.",
        "disable" => "The account is closed, and all its sessions are ended.",
        "enable" => "The account is open again.",
        "withdrawn" => "The invitation is withdrawn.",
        _ => "",
    };
    show(&page, StatusCode::OK)
}

async fn back() -> HttpResponse {
    to_page("")
}

async fn back_from(_: web::Path<String>) -> HttpResponse {
    to_page("")
}

async fn read(state: &AppState, shell: Shell, actor: &Actor) -> Result<MembersPage, PageError> {
    let now = state.clock.now();
    let (accounts, links) = state
        .reading(async |connection| Ok((account::list(connection).await?, link::invitations(connection, now).await?)))
        .await?;
    Ok(MembersPage {
        shell,
        accounts,
        invited: links.into_iter().filter_map(invited).collect(),
        me: actor.account(),
        email: String::new(),
        role: Role::Author,
        faults: Faults::default(),
        done: "",
        new_link: None,
    })
}

fn invited(link: Link) -> Option<Invited> {
    match link.purpose {
        Purpose::Invitation { email, role } => Some(Invited { id: link.id, email, role, expires_at: link.expires_at }),
        Purpose::SetUp | Purpose::Reset(_) => None,
    }
}

fn show(page: &MembersPage, status: StatusCode) -> Result<HttpResponse, PageError> {
    Ok(unkept(render(page, status)?))
}

fn to_page(query: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/members{query}"))).finish()
}

#[derive(Deserialize)]
struct InviteForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

async fn invite(
    state: web::Data<AppState>,
    request: HttpRequest,
    shell: Shell,
    actor: Actor,
    Form(filled): Form<InviteForm>,
) -> Result<HttpResponse, PageError> {
    let mut page = read(&state, shell, &actor).await?;
    page.email.clone_from(&filled.email);
    if let Some(faults) = faults::forged(&state.settings, &request, &filled.csrf) {
        page.faults = faults;
        return show(&page, StatusCode::FORBIDDEN);
    }
    let email = page.faults.take("email", Email::parse(&filled.email));
    let role = page.faults.take("role", Role::parse(&filled.role));
    page.role = role.unwrap_or(page.role);
    let (Some(email), Some(role)) = (email, role) else { return show(&page, StatusCode::UNPROCESSABLE_ENTITY) };
    let Ok(secret) = members::invite(&state.database, &actor, (&email, role), state.clock.now()).await? else {
        page.faults.add("email", "Somebody has an account of this address already.");
        return show(&page, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let mut page = read(&state, page.shell, &actor).await?;
    page.new_link = Some(NewLink {
        heading: format!("{email} can join"),
        words: "Give them this link. It is good once, for seven days, and is shown only now.",
        address: format!("{}/join?token={}", about::address(&request, &state.settings), secret.reveal()),
    });
    show(&page, StatusCode::OK)
}

#[derive(Deserialize)]
struct WithdrawForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    id: String,
}

async fn withdraw(
    state: web::Data<AppState>,
    request: HttpRequest,
    actor: Actor,
    Form(filled): Form<WithdrawForm>,
) -> Result<HttpResponse, PageError> {
    guard::check_token(&state.settings, request.headers(), &filled.csrf)?;
    let id = uuid::Uuid::parse_str(&filled.id).map_err(|_| PageError::NotFound("such invitation".to_owned()))?;
    members::withdraw_invitation(&state.database, &actor, id, state.clock.now()).await?;
    Ok(to_page("?done=withdrawn"))
}

#[derive(Deserialize)]
struct ChangeForm {
    #[serde(default)]
    csrf: String,
    /// `role`, `disable`, `enable` or `reset`.
    #[serde(default)]
    action: String,
    #[serde(default)]
    role: String,
}

async fn change(
    state: web::Data<AppState>,
    request: HttpRequest,
    shell: Shell,
    actor: Actor,
    id: web::Path<String>,
    Form(filled): Form<ChangeForm>,
) -> Result<HttpResponse, PageError> {
    guard::check_token(&state.settings, request.headers(), &filled.csrf)?;
    let nobody = || PageError::NotFound("such account".to_owned());
    let id = AccountId(uuid::Uuid::parse_str(&id).map_err(|_| nobody())?);
    let change = match filled.action.as_str() {
        "reset" => return reset(&state, &request, shell, &actor, id).await,
        "disable" => Change::Disable,
        "enable" => Change::Enable,
        "role" => Change::Role(Role::parse(&filled.role).map_err(|wrong| PageError::BadRequest(format!("{wrong}.")))?),
        _ => return Err(PageError::BadRequest("The action is one of role, disable, enable and reset.".to_owned())),
    };
    match members::change(&state.database, &actor, id, change, state.clock.now()).await? {
        // Whoever stops to be an admin, or shuts their own account, cannot come back to this page.
        Ok(()) if actor.account() == Some(id) => {
            Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, "/")).finish())
        }
        Ok(()) => Ok(to_page(&format!("?done={}", filled.action))),
        Err(refusal) => refused(&state, shell, &actor, refusal).await,
    }
}

async fn reset(
    state: &AppState,
    request: &HttpRequest,
    shell: Shell,
    actor: &Actor,
    id: AccountId,
) -> Result<HttpResponse, PageError> {
    match members::make_reset_link(&state.database, actor, id, state.clock.now()).await? {
        Ok((account, secret)) => {
            let mut page = read(state, shell, actor).await?;
            page.new_link = Some(NewLink {
                heading: format!("{} can choose a new password", account.name),
                words: "Give them this link. It is good once, for 24 hours, and is shown only now.",
                address: format!("{}/reset?token={}", about::address(request, &state.settings), secret.reveal()),
            });
            show(&page, StatusCode::OK)
        }
        Err(refusal) => refused(state, shell, actor, refusal).await,
    }
}

async fn refused(state: &AppState, shell: Shell, actor: &Actor, refusal: Refusal) -> Result<HttpResponse, PageError> {
    let words = match refusal {
        Refusal::NotFound => return Err(PageError::NotFound("such account".to_owned())),
        Refusal::LastAdmin => "This is the last admin. Make somebody else an admin first.",
        Refusal::Disabled => "This account is closed. Open it first.",
    };
    let mut page = read(state, shell, actor).await?;
    page.faults = Faults::whole(words);
    show(&page, StatusCode::CONFLICT)
}
