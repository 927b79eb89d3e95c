//! Style sheets, scripts and icons: inside the binary, at addresses that change with their content.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use rust_embed::RustEmbed;

use super::error::PageError;
use super::routes::{At, at};
use crate::domain::Permission;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Static;

struct Asset {
    url: String,
    content_type: &'static str,
    bytes: std::borrow::Cow<'static, [u8]>,
}

/// By the name under `static/`.
static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    Static::iter()
        .filter_map(|name| {
            let file = Static::get(&name)?;
            let (stem, extension) = name.rsplit_once('.')?;
            let hash = file.metadata.sha256_hash().iter().take(4).fold(String::new(), |mut hash, byte| {
                let _ = write!(hash, "{byte:02x}");
                hash
            });
            let url = format!("/static/{stem}.{hash}.{extension}");
            Some((name.to_string(), Asset { url, content_type: content_type(extension), bytes: file.data }))
        })
        .collect()
});

/// From the address to the name.
static NAMES: LazyLock<HashMap<&'static str, &'static Asset>> =
    LazyLock::new(|| ASSETS.values().map(|asset| (asset.url.as_str(), asset)).collect());

/// The address of a file under `static/`, for templates: `asset("casebook.css")`.
pub fn asset(name: &str) -> &'static str {
    ASSETS.get(name).map_or("/static/missing", |asset| &asset.url)
}

fn content_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "xml" => "application/opensearchdescription+xml",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

pub(super) fn routes() -> Vec<At> {
    vec![
        at("/static/{name}").get(Permission::Enter, by_hash),
        at("/favicon.ico").get(Permission::Enter, favicon),
        at("/robots.txt").get(Permission::Enter, robots),
    ]
}

async fn by_hash(request: actix_web::HttpRequest) -> Result<HttpResponse, PageError> {
    let asset = NAMES.get(request.path()).ok_or_else(|| PageError::NotFound("file of that name".to_owned()))?;
    Ok(respond(asset, "public, max-age=31536000, immutable"))
}

async fn favicon() -> Result<HttpResponse, PageError> {
    by_name("favicon.svg")
}

async fn robots() -> Result<HttpResponse, PageError> {
    by_name("robots.txt")
}

fn by_name(name: &str) -> Result<HttpResponse, PageError> {
    let asset = ASSETS.get(name).ok_or_else(|| PageError::NotFound("file of that name".to_owned()))?;
    Ok(respond(asset, "public, max-age=86400"))
}

fn respond(asset: &'static Asset, caching: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(asset.content_type).insert_header((header::CACHE_CONTROL, caching)).body(
        actix_web::web::Bytes::from_static(match &asset.bytes {
            std::borrow::Cow::Borrowed(bytes) => bytes,
            std::borrow::Cow::Owned(bytes) => bytes.as_slice(),
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::{ASSETS, asset};

    #[test]
    fn every_file_that_a_template_names_exists() {
        let mut named = 0;
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("templates") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("a template");
                for name in text.split("asset(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                    assert!(ASSETS.contains_key(name), "{} names static/{name}", path.display());
                    named += 1;
                }
            }
        }
        assert!(named > 0, "the templates name their style sheets");
        let css = asset("casebook.css");
        assert!(css.starts_with("/static/casebook.") && css.ends_with(".css") && css.len() == 29, "{css}");
    }
}
