//! Which slug each pattern gets: the one that it has already, else the one that its title suggests.

use std::collections::{HashMap, HashSet};

use crate::domain::{Pattern, Provenance, Slug};

/// A pattern that is there already, where others are to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// Its slug.
    pub slug: Slug,
    /// Where it was taken from; nothing where it was written here.
    pub provenance: Option<Provenance>,
}

/// The slug of each pattern, in their order. What was taken from the same place before keeps its slug, whatever became of
/// its title; no two patterns get the same.
pub fn settle<'p>(patterns: impl IntoIterator<Item = &'p Pattern>, present: &[Present]) -> Vec<Slug> {
    let mut by_id: HashMap<&str, Vec<&Present>> = HashMap::new();
    for one in present {
        if let Some(id) = one.provenance.as_ref().and_then(|provenance| provenance.id.as_ref()) {
            by_id.entry(id.as_str()).or_default().push(one);
        }
    }
    let mut used: HashSet<Slug> = present.iter().map(|one| one.slug.clone()).collect();
    let mut kept: HashSet<&Slug> = HashSet::new();
    let mut slugs = Vec::new();
    for pattern in patterns {
        let id = pattern.failure.provenance.as_ref().and_then(|provenance| provenance.id.as_ref());
        let before = id.and_then(|id| by_id.get(id.as_str())).and_then(|candidates| {
            let is_it = |one: &&&Present| is_same(one.provenance.as_ref(), pattern.failure.provenance.as_ref());
            candidates.iter().filter(is_it).find(|one| !kept.contains(&one.slug))
        });
        let slug = match before {
            Some(one) => {
                kept.insert(&one.slug);
                one.slug.clone()
            }
            None => free(pattern.failure.title.as_str(), id.map_or("", |id| id.as_str()), &used),
        };
        used.insert(slug.clone());
        slugs.push(slug);
    }
    slugs
}

/// Whether two provenances with the same id are of the same thing: of one repository, as far as both say.
fn is_same(a: Option<&Provenance>, b: Option<&Provenance>) -> bool {
    let repository =
        |of: Option<&Provenance>| of.and_then(|of| of.source.as_ref()).map(|source| repository(source.as_str()));
    match (repository(a), repository(b)) {
        (Some(a), Some(b)) => a == b,
        (None, _) | (_, None) => true,
    }
}

/// `https://github.com/prequel-dev/cre/blob/…` is of `github.com/prequel-dev/cre`.
fn repository(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let parts: Vec<&str> = rest.split(['/', '?', '#']).take(3).collect();
    parts.join("/").to_lowercase()
}

fn free(title: &str, id: &str, used: &HashSet<Slug>) -> Slug {
    let fallback = Slug::from_title(id, "pattern");
    let wanted = Slug::from_title(title, fallback.as_str());
    if !used.contains(&wanted) {
        return wanted;
    }
    let suffix = Slug::from_title(id, "");
    let room = Slug::MAX.saturating_sub(suffix.as_str().len() + 1);
    let kept: String = wanted.as_str().chars().take(room).collect();
    let with_id = Slug::from_title(&format!("{kept}-{suffix}"), fallback.as_str());
    let numbered = (2..).map(|number| wanted.numbered(number));
    std::iter::once(with_id).chain(numbered).find(|slug| !used.contains(slug)).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::{Present, settle};
    use crate::domain::input::PatternInput;
    use crate::domain::{Pattern, Slug};

    fn pattern(title: &str, id: &str, source: &str) -> Pattern {
        let mut input = PatternInput::default();
        let failure = &mut input.failure;
        for field in [&mut failure.summary, &mut failure.symptom, &mut failure.root_cause, &mut failure.remediation] {
            "x".clone_into(field);
        }
        title.clone_into(&mut failure.title);
        "dns".clone_into(&mut failure.category);
        id.clone_into(&mut failure.provenance.id);
        source.clone_into(&mut failure.provenance.source);
        "MIT".clone_into(&mut failure.provenance.license);
        input.parse().expect("a pattern")
    }

    fn slugs(patterns: &[Pattern], present: &[Present]) -> Vec<String> {
        settle(patterns, present).iter().map(Slug::to_string).collect()
    }

    fn present(pattern: &Pattern, slug: &str) -> Present {
        Present { slug: Slug::parse(slug).expect("a slug"), provenance: pattern.failure.provenance.clone() }
    }

    #[test]
    fn rules_of_the_same_title_get_different_slugs() {
        let patterns = [pattern("Reload failed", "CRE-1", ""), pattern("Reload failed", "CRE-2", "")];
        assert_eq!(slugs(&patterns, &[]), ["reload-failed", "reload-failed-cre-2"]);
        let long = pattern(&"long ".repeat(30), "CRE-2024-0001", "");
        let slugs = slugs(&[long.clone(), long], &[]);
        assert!(slugs[1].ends_with("-cre-2024-0001") && slugs[1].len() <= Slug::MAX, "{slugs:?}");
    }

    #[test]
    fn what_was_taken_in_before_keeps_its_slug() {
        let old = pattern("Old title", "CRE-1", "");
        let new = pattern("New title", "CRE-1", "https://github.com/prequel-dev/cre/blob/x");
        assert_eq!(slugs(std::slice::from_ref(&new), &[present(&old, "old-title")]), ["old-title"]);
        let elsewhere = pattern("New title", "CRE-1", "https://github.com/other/rules");
        assert_eq!(slugs(std::slice::from_ref(&elsewhere), &[present(&new, "new-title")]), ["new-title-cre-1"]);
        let both = [present(&new, "new-title"), present(&elsewhere, "new-title-cre-1")];
        assert_eq!(slugs(&[elsewhere, new], &both), ["new-title-cre-1", "new-title"]);
    }

    #[test]
    fn an_address_that_people_use_is_left_to_them() {
        let theirs = Present { slug: Slug::parse("oom").expect("a slug"), provenance: None };
        assert_eq!(
            slugs(&[pattern("OOM", "CRE-1", ""), pattern("OOM", "CRE-1", "")], &[theirs]),
            ["oom-cre-1", "oom-2"]
        );
        assert_eq!(slugs(&[pattern("内存", "", "")], &[]), ["pattern"]);
    }
}
