//! The address of a list: what is asked for, read from the query string and written back into links that can be shared.

use crate::domain::{Category, FailureKind, Invalid, Line, Severity, Slug, Technology};
use crate::search::{Filters, Sort};

/// A value that was chosen to narrow the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Of which facet.
    pub facet: Facet,
    /// As the address has it.
    pub value: String,
    /// As people read it.
    pub label: String,
}

/// What a list can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    Category,
    Technology,
    Severity,
    Organization,
    Year,
    Pattern,
}

/// A list as its address asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAddress {
    /// Stories or patterns.
    pub kind: FailureKind,
    /// The words searched for, as typed.
    pub query: String,
    /// What it is narrowed to, in the order of the address.
    pub choices: Vec<Choice>,
    /// The order, where the address names one.
    pub sort: Option<Sort>,
    /// Which page, from 1.
    pub page: usize,
}

/// A parameter of the query string that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the address cannot be used as it is: for \"{parameter}\" it has {}, expected {}", .invalid.found, .invalid.expected)]
pub struct BadParameter {
    /// Its name.
    pub parameter: String,
    /// What is wrong with its value.
    pub invalid: Invalid,
}

/// More choices than a person makes; each costs the index a clause.
const MOST_CHOICES: usize = 60;

/// The longest search, in characters.
const LONGEST_QUERY: usize = 1_000;

impl Facet {
    /// Those that a kind of record has, in the order of the page.
    pub fn of(kind: FailureKind) -> &'static [Self] {
        match kind {
            FailureKind::Story => {
                &[Self::Category, Self::Technology, Self::Severity, Self::Organization, Self::Year, Self::Pattern]
            }
            FailureKind::Pattern => &[Self::Category, Self::Technology],
        }
    }

    /// The name of its parameter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Technology => "technology",
            Self::Severity => "severity",
            Self::Organization => "organization",
            Self::Year => "year",
            Self::Pattern => "pattern",
        }
    }

    /// The word that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Category => "Category",
            Self::Technology => "Technology",
            Self::Severity => "Severity",
            Self::Organization => "Organization",
            Self::Year => "Year",
            Self::Pattern => "Pattern",
        }
    }

    fn parse(self, text: &str) -> Result<Choice, Invalid> {
        let (value, label) = match self {
            Self::Category => Category::parse(text).map(|it| (it.to_string(), it.label().to_owned()))?,
            Self::Technology => Technology::parse(text).map(|it| (it.to_string(), it.to_string()))?,
            Self::Severity => Severity::parse(text).map(|it| (it.to_string(), it.label().to_owned()))?,
            Self::Organization => Line::parse(text).map(|it| (it.to_string(), it.to_string()))?,
            Self::Year => year(text).map(|it| (it.to_string(), it.to_string()))?,
            Self::Pattern => Slug::parse(text).map(|it| (it.to_string(), it.as_str().replace('-', " ")))?,
        };
        Ok(Choice { facet: self, value, label })
    }
}

impl ListAddress {
    /// The whole list of a kind.
    pub fn new(kind: FailureKind) -> Self {
        Self { kind, query: String::new(), choices: Vec::new(), sort: None, page: 1 }
    }

    /// Reads a query string. Empty values are as good as absent ones (forms send them), unknown names are passed over.
    pub fn parse(kind: FailureKind, query_string: &str) -> Result<Self, BadParameter> {
        let pairs: Vec<(String, String)> = serde_html_form::from_str(query_string).map_err(|error| BadParameter {
            parameter: "?".to_owned(),
            invalid: Invalid::described(error.to_string(), "name=value pairs joined by &"),
        })?;
        let mut address = Self::new(kind);
        for (name, value) in pairs.iter().filter(|(_, value)| !value.trim().is_empty()) {
            address.take(name, value).map_err(|invalid| BadParameter { parameter: name.clone(), invalid })?;
        }
        Ok(address)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Invalid> {
        match name {
            "q" => self.query = words(value)?,
            "sort" => self.sort = Some(Sort::parse(value)?),
            "page" => self.page = page_number(value)?,
            _ => {
                let Some(facet) = Facet::of(self.kind).iter().find(|facet| facet.name() == name) else { return Ok(()) };
                let choice = facet.parse(value)?;
                if !self.choices.contains(&choice) {
                    self.choices.push(choice);
                }
                if self.choices.len() > MOST_CHOICES {
                    return Err(Invalid::described(
                        format!("more than {MOST_CHOICES} choices"),
                        format!("at most {MOST_CHOICES} in one address"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// The choices as the index takes them.
    pub fn filters(&self) -> Filters {
        let mut filters = Filters::default();
        for choice in &self.choices {
            let value = &choice.value;
            match choice.facet {
                Facet::Category => filters.category.extend(Category::parse(value)),
                Facet::Technology => filters.technology.extend(Technology::parse(value)),
                Facet::Severity => filters.severity.extend(Severity::parse(value)),
                Facet::Organization => filters.organization.push(value.clone()),
                Facet::Year => filters.year.extend(value.parse::<i32>()),
                Facet::Pattern => filters.pattern.extend(Slug::parse(value)),
            }
        }
        filters
    }

    /// The order that holds: the one named, else best match for words and the newest incident or change without.
    pub fn order(&self) -> Sort {
        self.sort.unwrap_or(match (self.query.is_empty(), self.kind) {
            (false, _) => Sort::Relevance,
            (true, FailureKind::Story) => Sort::NewestIncident,
            (true, FailureKind::Pattern) => Sort::Title,
        })
    }

    /// Whether a value is chosen. Organizations are told apart by their letters, not their case.
    pub fn has(&self, facet: Facet, value: &str) -> bool {
        self.choices.iter().any(|choice| choice.is(facet, value))
    }

    /// Whether anything narrows the list.
    pub fn is_narrowed(&self) -> bool {
        !self.choices.is_empty()
    }

    /// The same list with a value chosen, or no longer chosen, from its first page.
    #[must_use]
    pub fn toggled(&self, facet: Facet, value: &str, label: &str) -> Self {
        let mut address = Self { page: 1, ..self.clone() };
        if address.has(facet, value) {
            address.choices.retain(|choice| !choice.is(facet, value));
        } else {
            address.choices.push(Choice { facet, value: value.to_owned(), label: label.to_owned() });
        }
        address
    }

    /// The same list without its choices, from its first page.
    #[must_use]
    pub fn without_choices(&self) -> Self {
        Self { choices: Vec::new(), page: 1, ..self.clone() }
    }

    /// The same list without the words, from its first page.
    #[must_use]
    pub fn without_words(&self) -> Self {
        Self { query: String::new(), page: 1, ..self.clone() }
    }

    /// The same list in another order, from its first page.
    #[must_use]
    pub fn sorted(&self, sort: Sort) -> Self {
        Self { sort: Some(sort), page: 1, ..self.clone() }
    }

    /// Another page of the same list.
    #[must_use]
    pub fn at_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// The address as a link: always the same for the same list, so that it is worth sharing and caching.
    pub fn link(&self) -> String {
        let page = self.page.to_string();
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        pairs.extend((!self.query.is_empty()).then_some(("q", self.query.as_str())));
        for facet in Facet::of(self.kind) {
            pairs.extend(
                self.choices.iter().filter(|it| it.facet == *facet).map(|it| (facet.name(), it.value.as_str())),
            );
        }
        pairs.extend(self.sort.map(|sort| ("sort", sort.as_str())));
        pairs.extend((self.page > 1).then_some(("page", page.as_str())));
        // Pairs of strings always serialize; the list without its narrowing is the honest answer if they ever do not.
        let query_string = serde_html_form::to_string(pairs).unwrap_or_default();
        let path = super::path_of(self.kind);
        if query_string.is_empty() { path.to_owned() } else { format!("{path}?{query_string}") }
    }
}

impl Choice {
    fn is(&self, facet: Facet, value: &str) -> bool {
        self.facet == facet && self.value.to_lowercase() == value.to_lowercase()
    }
}

fn words(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let length = text.chars().count();
    if length > LONGEST_QUERY {
        return Err(Invalid::described(
            format!("{length} characters"),
            format!("at most {LONGEST_QUERY}; a log or an error message belongs on the match page"),
        ));
    }
    if text.contains('\0') {
        return Err(Invalid::described("a NUL character", "words without it"));
    }
    Ok(text.to_owned())
}

fn page_number(text: &str) -> Result<usize, Invalid> {
    let number = text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    number.map(|number| number as usize).ok_or_else(|| Invalid::new(text, "the number of a page, from 1"))
}

fn year(text: &str) -> Result<i32, Invalid> {
    let year = text.trim().parse::<i32>().ok().filter(|year| (1970..=2100).contains(year));
    year.ok_or_else(|| Invalid::new(text, "a year between 1970 and 2100"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Facet, ListAddress};
    use crate::domain::FailureKind;

    fn parse(query_string: &str) -> ListAddress {
        ListAddress::parse(FailureKind::Story, query_string).expect("fine")
    }

    #[test]
    fn an_address_is_written_as_it_was_read_in_one_order() {
        let written = "/stories?q=dns+%22no+such+host%22&category=capacity&category=network&technology=gke&severity=sev1\
                       &organization=JW+Player&year=2020&sort=newest&page=2";
        assert_eq!(parse(written.split_once('?').expect("a query string").1).link(), written);
        assert_eq!(
            parse("year=2020&category=dns&category=dns&q=&page=1&utm=x").link(),
            "/stories?category=dns&year=2020"
        );
        assert_eq!(parse("").link(), "/stories");
    }

    #[test]
    fn a_link_adds_or_takes_away_one_value_and_begins_at_the_first_page() {
        let address = parse("q=redis&technology=gke&page=3");
        assert_eq!(address.toggled(Facet::Year, "2019", "2019").link(), "/stories?q=redis&technology=gke&year=2019");
        assert_eq!(address.toggled(Facet::Technology, "gke", "gke").link(), "/stories?q=redis");
        assert!(parse("organization=jw+player").has(Facet::Organization, "JW Player"));
    }

    #[test]
    fn a_value_that_cannot_be_used_is_named_with_what_was_expected() {
        for (query_string, name, expected) in [
            ("page=abc", "page", "the number of a page"),
            ("page=0", "page", "the number of a page"),
            ("severity=bad", "severity", "sev1, sev2, sev3, sev4"),
            ("year=x", "year", "a year between"),
            ("sort=upwards", "sort", "relevance"),
            ("category=kapacity", "category", "capacity, configuration"),
            ("technology=a/b", "technology", "a technology tag"),
            ("q=a%00b", "q", "without it"),
        ] {
            let error = ListAddress::parse(FailureKind::Story, query_string).expect_err(query_string);
            assert_eq!(error.parameter, name);
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn patterns_have_no_facet_of_an_incident() {
        let address = ListAddress::parse(FailureKind::Pattern, "severity=bad&category=dns").expect("passed over");
        assert_eq!(address.link(), "/patterns?category=dns");
    }

    proptest! {
        #[test]
        fn any_query_string_is_read_or_refused_and_what_is_read_is_stable(
            query_string in "((q|page|year|category|organization|sort)=[a-z0-9%+&=;好\\-]{0,12}&){0,5}",
        ) {
            if let Ok(address) = ListAddress::parse(FailureKind::Story, &query_string) {
                let link = address.link();
                let again = link.split_once('?').map_or("", |(_, rest)| rest);
                prop_assert_eq!(parse(again).link(), link);
            }
        }
    }
}
