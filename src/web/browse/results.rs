//! A page of results as its template sees it.

use askama::Template;

use super::address::{Facet, ListAddress};
use super::{LAST_PAGE, PER_PAGE};
use crate::domain::matching::Card;
use crate::domain::{Category, FailureKind};
use crate::markdown;
use crate::search::{FacetCount, Hit, SearchResults, Sort};
use crate::web::failure::path_of;
use crate::web::page::Shell;

#[derive(Template)]
#[template(path = "browse/results.html", blocks = ["results"])]
pub(super) struct ResultsPage {
    pub(super) shell: Shell,
    pub(super) address: ListAddress,
    pub(super) results: SearchResults,
    pub(super) ways: Vec<Way>,
}

/// A list that would find something.
pub(super) struct Way {
    pub(super) label: String,
    pub(super) link: String,
    pub(super) total: u64,
}

/// A facet with what can be chosen of it.
pub(super) struct FacetView {
    pub(super) facet: Facet,
    /// Those that are shown at once.
    pub(super) options: Vec<FacetOption>,
    /// Those that are folded away.
    pub(super) more: Vec<FacetOption>,
}

/// A value of a facet as a link that chooses it, or takes it back.
pub(super) struct FacetOption {
    pub(super) label: String,
    pub(super) count: u64,
    pub(super) link: String,
    pub(super) is_chosen: bool,
    /// What it is called on every page of the list, by which the focus finds it again.
    pub(super) key: String,
}

/// A link with words.
pub(super) struct Labelled {
    pub(super) label: String,
    pub(super) link: String,
    pub(super) is_current: bool,
}

/// A page number, or a gap between two.
pub(super) enum PageStep {
    Page { number: usize, link: String },
    Current(usize),
    Gap,
}

/// Values of a facet that are shown before the rest is folded away.
const SHOWN: usize = 8;

impl ResultsPage {
    fn heading(&self) -> &'static str {
        match self.address.kind {
            FailureKind::Story => "Stories",
            FailureKind::Pattern => "Patterns",
        }
    }

    fn path(&self) -> &'static str {
        path_of(self.address.kind)
    }

    fn is_stories(&self) -> bool {
        self.address.kind == FailureKind::Story
    }

    /// Whether nothing is asked for and still nothing is there.
    fn is_empty_library(&self) -> bool {
        self.results.total == 0 && self.address.query.is_empty() && !self.address.is_narrowed()
    }

    fn is_beyond_the_end(&self) -> bool {
        self.results.total > 0 && self.results.hits.is_empty()
    }

    /// The title of the document.
    fn title(&self) -> String {
        let words = if self.address.query.is_empty() { String::new() } else { format!("{} – ", self.address.query) };
        let page = if self.address.page > 1 { format!(", page {}", self.address.page) } else { String::new() };
        format!("{words}{}{page} – Casebook", self.heading())
    }

    /// What is said to those who cannot see the list change.
    fn said(&self) -> String {
        if self.results.total == 0 {
            return "Nothing found".to_owned();
        }
        if self.is_beyond_the_end() {
            return format!("There is no page {}", self.address.page);
        }
        self.range().map_or_else(|| self.total(), |range| format!("{}, {range}", self.total()))
    }

    /// "57 stories", "1 pattern".
    fn total(&self) -> String {
        let total = self.results.total;
        let noun = match (self.address.kind, total) {
            (FailureKind::Story, 1) => "story",
            (FailureKind::Story, _) => "stories",
            (FailureKind::Pattern, 1) => "pattern",
            (FailureKind::Pattern, _) => "patterns",
        };
        format!("{total} {noun}")
    }

    /// "21–40", where there is more than one page.
    fn range(&self) -> Option<String> {
        let first = (self.address.page - 1).saturating_mul(PER_PAGE) + 1;
        (self.pages() > 1 && !self.results.hits.is_empty())
            .then(|| format!("{first}–{}", first + self.results.hits.len() - 1))
    }

    fn pages(&self) -> usize {
        usize::try_from(self.results.total).unwrap_or(usize::MAX).div_ceil(PER_PAGE).min(LAST_PAGE)
    }

    fn previous(&self) -> Option<String> {
        (self.address.page > 1 && !self.is_beyond_the_end()).then(|| self.address.at_page(self.address.page - 1).link())
    }

    fn next(&self) -> Option<String> {
        (self.address.page < self.pages()).then(|| self.address.at_page(self.address.page + 1).link())
    }

    fn last_page(&self) -> String {
        self.address.at_page(self.pages().max(1)).link()
    }

    /// The first, the last and those around this one.
    fn steps(&self) -> Vec<PageStep> {
        let (current, last) = (self.address.page, self.pages());
        let mut steps = Vec::new();
        let mut before = 0;
        for number in (1..=last).filter(|&it| it == 1 || it == last || it.abs_diff(current) <= 1) {
            if number > before + 1 {
                steps.push(PageStep::Gap);
            }
            before = number;
            steps.push(if number == current {
                PageStep::Current(number)
            } else {
                PageStep::Page { number, link: self.address.at_page(number).link() }
            });
        }
        steps
    }

    /// What the list is narrowed to, each with the link that takes it back.
    fn chips(&self) -> Vec<(&'static str, &str, String)> {
        let chip = |choice: &'_ super::address::Choice| {
            self.address.toggled(choice.facet, &choice.value, &choice.label).link()
        };
        self.address.choices.iter().map(|it| (it.facet.label(), it.label.as_str(), chip(it))).collect()
    }

    fn without_choices(&self) -> String {
        self.address.without_choices().link()
    }

    fn order(&self) -> &'static str {
        self.address.order().label()
    }

    fn orders(&self) -> Vec<Labelled> {
        let applies = |sort: &&Sort| match sort {
            Sort::Relevance => !self.address.query.is_empty(),
            Sort::NewestIncident | Sort::OldestIncident => self.is_stories(),
            Sort::RecentlyUpdated | Sort::Title => true,
        };
        let order = |sort: &Sort| Labelled {
            label: sort.label().to_owned(),
            link: self.address.sorted(*sort).link(),
            is_current: *sort == self.address.order(),
        };
        Sort::ALL.iter().filter(applies).map(order).collect()
    }

    /// The facets that have something to choose.
    fn facets(&self) -> Vec<FacetView> {
        let counts = &self.results.facets;
        let view = |facet: &Facet| {
            let counted = match facet {
                Facet::Category => &counts.category,
                Facet::Technology => &counts.technology,
                Facet::Severity => &counts.severity,
                Facet::Organization => &counts.organization,
                Facet::Year => &counts.year,
                // Chosen on a pattern's page, not here.
                Facet::Pattern => return None,
            };
            Some(self.facet(*facet, counted))
        };
        Facet::of(self.address.kind).iter().filter_map(view).filter(|view| !view.options.is_empty()).collect()
    }

    fn facet(&self, facet: Facet, counted: &[FacetCount]) -> FacetView {
        let address = &self.address;
        let option = |value: &str, label: &str, count| FacetOption {
            label: label.to_owned(),
            count,
            link: address.toggled(facet, value, label).link(),
            is_chosen: address.has(facet, value),
            key: format!("{}={value}", facet.name()),
        };
        let mut options: Vec<FacetOption> = counted.iter().map(|it| option(&it.value, &it.label, it.count)).collect();
        // What was chosen stays there to be taken back, even where it finds nothing.
        for choice in address.choices.iter().filter(|choice| choice.facet == facet) {
            if !counted.iter().any(|it| it.value.to_lowercase() == choice.value.to_lowercase()) {
                options.push(option(&choice.value, &choice.label, 0));
            }
        }
        let (mut shown, mut more) = (Vec::new(), Vec::new());
        for (at, option) in options.into_iter().enumerate() {
            if at < SHOWN || option.is_chosen { shown.push(option) } else { more.push(option) }
        }
        // Folding one line away saves nobody anything.
        if more.len() == 1 {
            shown.append(&mut more);
        }
        FacetView { facet, options: shown, more }
    }

    /// A summary, where no passage meets the words.
    /// The patterns of a story but the one that is shown.
    fn other_patterns(&self, card: &Card) -> String {
        card.patterns.iter().skip(1).map(|pattern| pattern.title.as_str()).collect::<Vec<_>>().join("; ")
    }

    fn excerpt(&self, card: &Card) -> String {
        markdown::excerpt(&card.summary, 240)
    }

    /// Categories to begin with, where nothing was found.
    fn categories(&self) -> Vec<(&'static str, String)> {
        let link = |category: &Category| {
            let whole = ListAddress::new(self.address.kind);
            (category.label(), whole.toggled(Facet::Category, category.as_str(), category.label()).link())
        };
        Category::ALL.iter().map(link).collect()
    }

    fn hits(&self) -> &[Hit] {
        &self.results.hits
    }
}
