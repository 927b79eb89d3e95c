//! Which licence the text of a licence file is, as an SPDX identifier.

/// Sentences that only one licence has; those of licences that quote others come first.
const TELLING: &[(&str, &str)] = &[
    ("GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL-3.0"),
    ("GNU LESSER GENERAL PUBLIC LICENSE", "LGPL-3.0"),
    ("GNU GENERAL PUBLIC LICENSE Version 2", "GPL-2.0"),
    ("GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3.0"),
    ("Mozilla Public License Version 2.0", "MPL-2.0"),
    ("Apache License Version 2.0", "Apache-2.0"),
    ("Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0"),
    ("Attribution 4.0 International", "CC-BY-4.0"),
    ("CC0 1.0 Universal", "CC0-1.0"),
    ("Permission is hereby granted, free of charge", "MIT"),
    ("Neither the name of the copyright holder", "BSD-3-Clause"),
    ("Redistributions in binary form must reproduce", "BSD-2-Clause"),
];

/// The identifier; nothing where the text is of none of the well-known ones. `text` may be cut after some KiB.
pub fn recognise(text: &str) -> Option<&'static str> {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    TELLING.iter().find(|(sentence, _)| flat.contains(&sentence.to_lowercase())).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::recognise;

    #[test]
    fn the_usual_licences_are_recognised_however_their_lines_break() {
        assert_eq!(recognise("      Apache License\n   Version 2.0, January 2004\n"), Some("Apache-2.0"));
        assert_eq!(recognise("Creative Commons\nAttribution 4.0\nInternational (CC BY 4.0)"), Some("CC-BY-4.0"));
        assert_eq!(recognise("All rights reserved."), None);
    }
}
