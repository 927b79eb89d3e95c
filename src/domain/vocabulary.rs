//! The closed vocabularies, and the two open tags (technology, language). Closed, because free categories grow twins.

use serde::{Deserialize, Serialize};

use super::Invalid;
use super::invalid::parsed_text;

/// Defines a closed vocabulary: the name used in files, forms, database and API beside the words for people.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $type:ident: $noun:literal { $($(#[$variant_doc:meta])* $variant:ident = $name:literal, $label:literal, $meaning:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $type {
            $(#[doc = $meaning] $variant,)+
        }

        impl $type {
            /// Every value, in the order in which it is offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Reads the name used in files, forms, database and API.
            pub fn parse(text: &str) -> Result<Self, $crate::domain::Invalid> {
                match text.trim() {
                    $($name => Ok(Self::$variant),)+
                    other => Err($crate::domain::Invalid::new(other, concat!($noun, ": ", vocabulary!(@list $($name),+)))),
                }
            }

            /// The name used in files, forms, database and API.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The word or two that people read.
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)+
                }
            }

            /// One phrase that says when to choose it.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl TryFrom<String> for $type {
            type Error = $crate::domain::Invalid;

            fn try_from(text: String) -> Result<Self, $crate::domain::Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.as_str().to_owned()
            }
        }
    };
    (@list $first:literal $(, $rest:literal)*) => { concat!($first $(, ", ", $rest)*) };
}

pub(crate) use vocabulary;

vocabulary! {
    /// What kind of thing failed. A failure has exactly one.
    Category: "a category" {
        Capacity = "capacity", "Capacity", "Something ran out: CPU, memory, addresses, connections, quota";
        Configuration = "configuration", "Configuration", "A setting was wrong, missing or changed";
        Deployment = "deployment", "Deployment", "A rollout, an upgrade or a migration went wrong";
        Dependency = "dependency", "Dependency", "A service or library that others run or maintain failed";
        Network = "network", "Network", "Packets were lost, blocked, misrouted or not translated";
        Dns = "dns", "DNS", "Names did not resolve, or resolved slowly or wrongly";
        Storage = "storage", "Storage", "Disks, volumes, databases or caches lost or withheld data";
        Security = "security", "Security", "Someone got in, or something was open that should not be";
        Scheduling = "scheduling", "Scheduling", "Work was placed badly, or not at all";
        ControlPlane = "control-plane", "Control plane", "The system that manages the others failed: API server, webhooks, etcd";
        Observability = "observability", "Observability", "Monitoring or alerting was missing, wrong or the cause";
        HumanProcess = "human-process", "Human process", "Procedure, communication or hand-over failed";
    }
}

vocabulary! {
    /// How bad it was for users.
    Severity: "a severity" {
        Sev1 = "sev1", "SEV 1", "Critical: all users, or data lost";
        Sev2 = "sev2", "SEV 2", "Major: many users, or a main function";
        Sev3 = "sev3", "SEV 3", "Moderate: some users, or slow";
        Sev4 = "sev4", "SEV 4", "Minor: few or no users noticed";
    }
}

vocabulary! {
    /// What set it off, after appendix C of the Site Reliability Workbook.
    Trigger: "a trigger" {
        BinaryPush = "binary-push", "Binary push", "New code or a new version went out";
        ConfigurationPush = "configuration-push", "Configuration push", "A setting was changed";
        UserBehaviour = "user-behaviour", "User behaviour", "Traffic grew or changed";
        Pipeline = "processing-pipeline", "Processing pipeline", "Data being processed was wrong or late";
        ServiceProvider = "service-provider", "Service provider", "A provider changed or broke something";
        PerformanceDecay = "performance-decay", "Performance decay", "It got slower until it stopped";
        Capacity = "capacity", "Capacity", "Demand met a limit";
        Hardware = "hardware", "Hardware", "A machine or a part of one failed";
    }
}

vocabulary! {
    /// How the team learned of it.
    DetectedBy: "a way of detection" {
        Alert = "alert", "Alert", "Monitoring raised an alert";
        CustomerReport = "customer-report", "Customer report", "Users reported it";
        Staff = "staff", "Staff", "Someone on the team noticed";
        Synthetic = "synthetic", "Synthetic check", "A probe or a test failed";
        ThirdParty = "third-party", "Third party", "Someone outside told the team";
    }
}

/// A tag that names software or a service: `kubernetes`, `gke`, `c++`, `node.js`. Lower case, at most 40 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Technology(String);

impl Technology {
    /// Parses a tag; upper case is lowered, spaces between words become hyphens.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let tag = text.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase();
        let right = tag.len() <= 40
            && tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '#' | '_'));
        if right {
            Ok(Self(tag))
        } else {
            Err(Invalid::new(
                text,
                "a technology tag such as kubernetes or node.js: letters, digits and . - + # _, at most 40",
            ))
        }
    }
}

/// A BCP 47 language tag: `zh`, `pt-BR`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// Parses a tag by its shape; it is not looked up in the registry.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let tag = text.trim();
        let mut parts = tag.split('-');
        let primary = parts.next().unwrap_or_default();
        let right = (2..=3).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_lowercase())
            && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
            && tag.len() <= 35;
        if right { Ok(Self(tag.to_owned())) } else { Err(Invalid::new(text, "a language tag such as zh or pt-BR")) }
    }
}

parsed_text!(Technology, Language);

#[cfg(test)]
mod tests {
    use super::{Category, Language, Severity, Technology};

    #[test]
    fn every_value_of_a_vocabulary_reads_back() {
        for &category in Category::ALL {
            assert_eq!(Category::parse(category.as_str()), Ok(category));
        }
        let error = Severity::parse("critical").expect_err("unknown").to_string();
        assert_eq!(error, "found \"critical\"; expected a severity: sev1, sev2, sev3, sev4");
    }

    #[test]
    fn tags_are_lowered_and_joined() {
        assert_eq!(Technology::parse(" Open Policy  Agent ").expect("fine").as_str(), "open-policy-agent");
        assert_eq!(Technology::parse(".NET").expect("fine").as_str(), ".net");
        for bad in ["", "-", "a/b", "кафка", &"x".repeat(41)] {
            assert!(Technology::parse(bad).is_err(), "{bad:?} was accepted");
        }
        assert!(Language::parse("pt-BR").is_ok());
        for bad in ["", "Chinese", "z", "zh_CN", "zh-"] {
            assert!(Language::parse(bad).is_err(), "{bad:?} was accepted");
        }
    }
}
