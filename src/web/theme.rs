//! Light or dark: what the system prefers, unless the reader chose one here. Works without scripts.

use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::error::PageError;
use super::extract::Form;
use super::page::cookie;
use super::routes::{At, at};
use super::state::{AppState, Settings};
use crate::domain::Permission;

/// The chosen colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Every choice, in the order in which it is offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// What a visitor chose.
    pub(super) fn of(headers: &HeaderMap, settings: &Settings) -> Self {
        cookie(headers, Self::cookie_name(settings)).and_then(Self::parse).unwrap_or_default()
    }

    /// The `__Host-` prefix keeps neighbouring names from setting it, but browsers take it over HTTPS only.
    fn cookie_name(settings: &Settings) -> &'static str {
        if settings.is_https() { "__Host-theme" } else { "theme" }
    }

    /// Reads the name used in form and cookie.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    /// The name used in form, cookie and style sheet.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The word that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

pub(super) fn routes() -> Vec<At> {
    vec![at("/theme").post(Permission::Enter, choose)]
}

#[derive(Deserialize)]
struct Choice {
    theme: String,
    #[serde(default, rename = "return")]
    back: String,
}

async fn choose(state: web::Data<AppState>, Form(choice): Form<Choice>) -> Result<HttpResponse, PageError> {
    let theme = Theme::parse(&choice.theme)
        .ok_or_else(|| PageError::BadRequest("The theme is one of system, light and dark.".to_owned()))?;
    let (name, secure) = (Theme::cookie_name(&state.settings), if state.settings.is_https() { "; Secure" } else { "" });
    let cookie = format!("{name}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}", theme.as_str());
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, local_path(&choice.back)))
        .insert_header((header::SET_COOKIE, cookie))
        .finish())
}

/// The path if it leads to a page of ours, else the front page: a link to elsewhere must not be disguised as ours.
pub(super) fn local_path(path: &str) -> &str {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn choosing_a_theme_leads_back_to_a_page_of_ours_only() {
        assert_eq!(local_path("/stories?q=a%20b"), "/stories?q=a%20b");
        for bad in ["//evil.example", "https://evil.example", "", "/\\evil.example", "/a\r\nSet-Cookie: x=y"] {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
    }
}
