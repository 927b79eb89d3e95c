//! Names of people, as well as they can be told from other names by their form: stories name nobody.
//!
//! Three forms are looked for: e-mail addresses, handles (`@ada`), and two or three capitalised words in succession
//! (`Ada Lovelace`) of which none is a common word of the trade, part of the organization's name or a technology. Code is
//! left out. What is found is shown to be looked at; half of it names no person, and single names are not found at all.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use super::{Item, Place, Standing, is_prose};
use crate::domain::input::StoryInput;
use crate::web::review::texts::Text;

/// Words that begin with a capital without being anybody's name: they begin sentences, or are the trade's.
const COMMON: &str = "\
    a about after again all also an and another any as at back because before both but by case each every few first for \
    from had has have he her here his how however if in instead it its last later many most my no not nothing now of on \
    once one only or other our over own please second several she since so some such that the their then there these \
    they third this those three to two under until we what when where which while who why with within without you your \
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august \
    september october november december north south east west central europe asia america africa pacific atlantic \
    united states kingdom city new york san francisco london region zone availability \
    access account action active admin agent alert alerting alerts analysis apache api app application apps audit \
    authority auto automatic autoscaler autoscaling aws azure backend backup balancer balancing batch bare big bill bot \
    border bridge browser bucket build bus cache capacity certificate chain change chaos check circuit class client \
    cloud cluster code command commit compute computing config configuration connection console container content \
    context continuous control controller core cost crash cron custom customer daemon dashboard data database dead deep \
    default delivery deploy deployment design desktop detection developer development device devops direct disaster disk \
    distributed dns docker domain down dynamic edge elastic encryption engine engineer engineering enterprise entity \
    environment error event exception exchange express external failover failure feature file filter fire firewall fix \
    flow fork framework front frontend function gateway general git github global google grace graph grid group guard \
    health heap heavy helm high home horizontal host hot hub hybrid identity image impact incident index infrastructure \
    ingress input instance integration internal internet issue java job kernel key kubernetes large layer ledger legacy \
    lessons level library life light limit linux list live load local lock log logging logs long low machine mail main \
    manager map master match mean memory merge mesh message messaging meta method metric metrics microsoft mobile mode \
    model module monitor monitoring multi mutual name namespace native network node note notes null object office online \
    open operating operation operations operator out outage package page pager panel partition path payment performance \
    pipeline plan platform plugin pod pods point policy pool port portal post postgres power price pricing primary prime \
    private problem process processing product production profile program project protocol provider proxy public pull \
    push python quality query queue quick race rate read ready real recovery red redis registry relational release \
    reliability remote replica report repository request requests research resolver resource response rest restart \
    result retry review ring risk road role rolling root route router routing rule rules run runbook runtime safe sandbox \
    scale scaling schedule scheduler schema script search secondary secret secrets secure security self server service \
    services session set shared shell side signal simple single site sky small smart software solid source spot stack \
    stage staging standard state static status storage store stream string studio subnet summary super support switch \
    system systems table target task team terminal test testing thread time timeline token tool tools top total trace \
    traffic transaction transit transport trigger true trust type unit universal update upgrade usage user users value \
    vault version video view virtual volume warehouse warning watch wave web webhook window windows wire wireless work \
    worker workflow workload world write zero";

static COMMON_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| COMMON.split_whitespace().collect());

/// Handles that are commands of languages and tools, not people.
const NO_HANDLES: [&str; 8] = ["here", "channel", "everyone", "latest", "media", "import", "override", "param"];

pub(super) fn item(input: &StoryInput, texts: &[Text<'_>]) -> Item {
    const TITLE: &str = "No names of people";
    let known = known(input);
    let mut seen = BTreeSet::new();
    let mut places = Vec::new();
    for text in texts.iter().filter(|text| is_prose(text)) {
        for name in find(text.text, &known) {
            if seen.insert(name.clone()) {
                places.push(Place::text(text, name));
            }
        }
    }
    if places.is_empty() {
        return Item::met(TITLE, "Nothing looks like one.");
    }
    let words = "These may name somebody. Say what their part was instead.".to_owned();
    Item { standing: Standing::Look, title: TITLE, words, places }
}

/// The words of the organization and of the technologies, which name no person.
fn known(input: &StoryInput) -> HashSet<String> {
    let names = std::iter::once(&input.organization).chain(&input.failure.technologies);
    let words = names.flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn find(text: &str, known: &HashSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for line in without_code(text) {
        let mut run: Vec<&str> = Vec::new();
        for token in line.split_whitespace() {
            if let Some(name) = handle_or_address(token) {
                found.push(name);
            }
            let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
            let word = ["'s", "’s"].iter().find_map(|ending| bare.strip_suffix(ending)).unwrap_or(bare);
            if !token.starts_with(word) {
                end_run(&mut run, &mut found);
            }
            if is_capitalised(word) && !is_known(word, known) {
                run.push(word);
            } else {
                end_run(&mut run, &mut found);
            }
            if !token.ends_with(word) {
                end_run(&mut run, &mut found);
            }
        }
        end_run(&mut run, &mut found);
    }
    found
}

/// Ends a succession of words: two or three are a name.
fn end_run(run: &mut Vec<&str>, found: &mut Vec<String>) {
    if (2..=3).contains(&run.len()) {
        found.push(run.join(" "));
    }
    run.clear();
}

/// The lines of Markdown outside fences, with what stands in backticks taken out.
fn without_code(text: &str) -> Vec<String> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let is_fence = ["```", "~~~"].iter().any(|fence| line.trim_start().starts_with(fence));
        if is_fence {
            is_code = !is_code;
        } else if !is_code {
            lines.push(line.split('`').step_by(2).collect::<Vec<_>>().join(" ` "));
        }
    }
    lines
}

/// `@ada` or `ada@example.com`.
fn handle_or_address(token: &str) -> Option<String> {
    let token = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '@');
    let (before, name) = token.split_once('@')?;
    let plain = |part: &str| part.chars().all(|c| c.is_alphanumeric() || "._+-".contains(c));
    if before.is_empty() {
        let is_handle = name.len() > 2 && name.starts_with(char::is_alphabetic) && plain(name);
        return (is_handle && !NO_HANDLES.contains(&name.to_lowercase().as_str())).then(|| token.to_owned());
    }
    (plain(before) && plain(name) && name.contains('.')).then(|| token.to_owned())
}

/// One capital, then small letters: acronyms and CamelCase are no names.
fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    let begins = letters.next().is_some_and(char::is_uppercase);
    let rest = letters.as_str();
    begins
        && (1..=20).contains(&rest.chars().count())
        && rest.chars().all(|c| c.is_lowercase() || c == '\'' || c == '’')
}

fn is_known(word: &str, known: &HashSet<String>) -> bool {
    let word = word.to_lowercase();
    let one = word.strip_suffix('s').unwrap_or(&word);
    COMMON_WORDS.contains(word.as_str()) || COMMON_WORDS.contains(one) || known.contains(&word)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::find;

    fn found(text: &str) -> Vec<String> {
        find(text, &HashSet::from(["acme".to_owned(), "widgets".to_owned()]))
    }

    #[test]
    fn people_are_found_by_how_they_are_written() {
        assert_eq!(found("Then Ada Lovelace restarted it."), ["Ada Lovelace"]);
        assert_eq!(found("Barbara Jane Liskov, on call"), ["Barbara Jane Liskov"]);
        assert_eq!(found("ask (@ada-l) or ada@example.com."), ["@ada-l", "ada@example.com"]);
        assert_eq!(found("Zoë Müller’s change"), ["Zoë Müller"]);
    }

    #[test]
    fn what_is_of_the_trade_names_nobody() {
        for text in [
            "The Load Balancer of Google Cloud",
            "Acme Widgets was down on Monday March",
            "`Ada Lovelace` in code, @latest, @org/package",
            "```\nAda Lovelace\n```",
            "AWS Lambda and CrashLoopBackOff Ada, Lovelace",
            "Nothing here. Ada. Lovelace",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
