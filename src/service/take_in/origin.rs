//! Where files of others come from, and under which licence: from what was said on the command line, else from what lies
//! around them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::files;
use crate::domain::{Line, WebAddress};
use crate::intake::Origin;
use crate::intake::license;

/// What the person who imports says about the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    /// Where they were published.
    pub source: Option<WebAddress>,
    /// Under which licence.
    pub license: Option<Line>,
}

/// Looks things up around files, each folder once.
pub(super) struct Origins<'s> {
    stated: &'s Stated,
    folders: HashMap<PathBuf, Around>,
}

/// What lies in a folder or above it.
#[derive(Debug, Clone, Default)]
struct Around {
    license: Option<&'static str>,
    /// The web address of the repository, and the folder that it is checked out in.
    repository: Option<(String, PathBuf)>,
}

const LICENSE_FILES: [&str; 5] = ["LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING"];
/// A licence further up is hardly that of the rules.
const HIGHEST: usize = 6;

impl<'s> Origins<'s> {
    pub fn new(stated: &'s Stated) -> Self {
        Self { stated, folders: HashMap::new() }
    }

    /// The origin of a file; `unknown` is its licence where none can be found.
    pub fn of(&mut self, file: &Path) -> Origin {
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        let around = self.folders.entry(folder.clone()).or_insert_with(|| look_around(&folder));
        let found = || {
            let (repository, root) = around.repository.as_ref()?;
            let path = file.strip_prefix(root).ok()?.to_str()?;
            WebAddress::parse(&format!("{repository}/blob/HEAD/{path}")).ok()
        };
        let source = self.stated.source.clone().or_else(found).or_else(|| published_cre(&file, around.license));
        let license = self.stated.license.clone().or_else(|| Line::parse(around.license?).ok());
        Origin { source, license }
    }
}

/// The address of a CRE rule that was copied from prequel-dev/cre with its folder: that names it, and the licence is theirs.
fn published_cre(file: &Path, license: Option<&str>) -> Option<WebAddress> {
    let name = file.file_name()?.to_str()?;
    let folder = file.parent()?.file_name()?.to_str()?;
    let mut parts = folder.split('-');
    let (publisher, year, number) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_theirs =
        matches!(publisher, "cre" | "prequel") && is_number(year) && is_number(number) && parts.next().is_none();
    let address = format!("https://github.com/prequel-dev/cre/blob/main/rules/{folder}/{name}");
    WebAddress::parse(&address).ok().filter(|_| is_theirs && license == Some("Apache-2.0"))
}

fn look_around(folder: &Path) -> Around {
    let mut around = Around::default();
    for ancestor in folder.ancestors().take(HIGHEST) {
        if around.license.is_none() {
            let texts = LICENSE_FILES.iter().filter_map(|name| files::beginning(&ancestor.join(name)));
            around.license = texts.filter_map(|text| license::recognise(&text)).next();
        }
        if ancestor.join(".git").exists() {
            let config = files::beginning(&ancestor.join(".git/config"));
            around.repository = config.and_then(|config| repository(&config)).map(|url| (url, ancestor.to_owned()));
            break;
        }
    }
    around
}

/// The web address of the repository that a checkout's configuration names, without anybody's password.
fn repository(config: &str) -> Option<String> {
    let mut lines = config.lines().map(str::trim).skip_while(|line| *line != "[remote \"origin\"]").skip(1);
    let url = lines.by_ref().take_while(|line| !line.starts_with('[')).find_map(|line| line.strip_prefix("url"))?;
    let url = url.trim_start().strip_prefix('=')?.trim();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    // `git@github.com:owner/name.git`
    let rest = if url.contains("://") { rest.to_owned() } else { rest.replacen(':', "/", 1) };
    let path = rest.strip_suffix(".git").unwrap_or(&rest).trim_end_matches('/');
    let host = path.split('/').next().unwrap_or_default();
    ["github.com", "gitlab.com", "codeberg.org"].contains(&host).then(|| format!("https://{path}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{published_cre, repository};

    #[test]
    fn a_checkout_tells_its_address_without_the_password() {
        let config = |url: &str| format!("[core]\n\tbare = false\n[remote \"origin\"]\n\turl = {url}\n\tfetch = x\n");
        for url in [
            "https://github.com/prequel-dev/cre.git",
            "https://user:secret@github.com/prequel-dev/cre",
            "git@github.com:prequel-dev/cre.git",
            "ssh://git@github.com/prequel-dev/cre.git",
        ] {
            assert_eq!(repository(&config(url)).as_deref(), Some("https://github.com/prequel-dev/cre"), "{url}");
        }
        assert_eq!(repository(&config("/srv/git/x.git")), None);
        assert_eq!(repository("[remote \"origin\"]\n[branch \"x\"]\nurl = https://github.com/a/b\n"), None);
    }

    #[test]
    fn a_copied_folder_of_cre_is_known_by_its_name_and_licence() {
        let address = |path: &str, license| published_cre(Path::new(path), license).map(|address| address.to_string());
        let expected = "https://github.com/prequel-dev/cre/blob/main/rules/cre-2024-0007/mnesia.yaml";
        assert_eq!(address("/x/cre-2024-0007/mnesia.yaml", Some("Apache-2.0")).as_deref(), Some(expected));
        assert_eq!(address("/x/cre-2024-0007/mnesia.yaml", None), None);
        assert_eq!(address("/x/ours/mnesia.yaml", Some("Apache-2.0")), None);
    }
}
