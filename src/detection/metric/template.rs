//! Templates in labels and annotations: Go's text/template with the functions and variables that Prometheus gives it.
//! A light check, enough that a slip does not keep Prometheus from loading the file; it does not evaluate anything.

/// What Prometheus and Go define; <https://prometheus.io/docs/prometheus/latest/configuration/template_reference/>.
const FUNCTIONS: &str = "and args break call continue eq externalURL false first ge graphLink gt html humanize humanize1024 \
    humanizeDuration humanizePercentage humanizeTimestamp index js label le len lt match ne nil not now or \
    parseDuration pathPrefix print printf println query reReplaceAll safeHtml slice sortByLabel stripDomain \
    stripPort strvalue tableLink template title tmpl toDuration toLower toTime toUpper true urlquery \
    urlQueryEscape value";

const VARIABLES: [&str; 5] = ["$", "$labels", "$value", "$externalLabels", "$externalURL"];

/// Checks a value that may be a template.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut template = Template::default();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        rest = template.action(after)?;
    }
    match template.blocks {
        0 => Ok(()),
        _ => Err("found a block (if, range, with…) without its {{ end }}".to_owned()),
    }
}

#[derive(Default)]
struct Template<'t> {
    /// Blocks that are open.
    blocks: usize,
    /// Variables that the template sets itself.
    declared: Vec<&'t str>,
}

impl<'t> Template<'t> {
    /// Checks one `{{ … }}`, given what follows its opening; the answer is what follows its end.
    fn action(&mut self, text: &'t str) -> Result<&'t str, String> {
        let text = text.strip_prefix('-').filter(|after| after.starts_with(char::is_whitespace)).unwrap_or(text);
        if let Some(comment) = text.trim_start().strip_prefix("/*") {
            let (_, after) = comment.split_once("*/").ok_or("found a comment {{/* that does not end")?;
            let after = after.trim_start();
            let ended = after.strip_prefix("-}}").or_else(|| after.strip_prefix("}}"));
            return ended.ok_or_else(|| "found something between */ and }}".to_owned());
        }
        let mut words = Words { rest: text, parentheses: 0 };
        let mut before = "";
        while let Some(word) = words.next()? {
            if word == "|" && matches!(before, "" | "|" | "(") {
                return Err("found | in a template with nothing before it".to_owned());
            }
            self.word(word, before.is_empty(), words.rest)?;
            before = word;
        }
        if before.is_empty() { Err("found {{ }} with nothing inside".to_owned()) } else { Ok(words.rest) }
    }

    fn word(&mut self, word: &'t str, is_first: bool, rest: &str) -> Result<(), String> {
        let is_named = word.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$' | '.')) && word != ".";
        if is_named && !word.split('.').skip(1).all(|field| field.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        {
            return Err(format!("found {word} in a template; expected names between the dots"));
        }
        match word {
            "if" | "range" | "with" | "define" | "block" if is_first => self.blocks += 1,
            "end" | "else" if is_first && self.blocks == 0 => {
                return Err(format!("found {{{{ {word} }}}} without the block it belongs to"));
            }
            "end" if is_first => self.blocks -= 1,
            "else" if is_first => {}
            "break" | "continue" if is_first && self.blocks == 0 => {
                return Err(format!("found {{{{ {word} }}}} outside a range"));
            }
            // {{ else if … }}
            "if" | "with" => {}
            _ if word.starts_with('$') => {
                let name = word.split('.').next().unwrap_or(word);
                let follows = rest.trim_start();
                if follows.starts_with(":=") || follows.starts_with(',') {
                    self.declared.push(name);
                } else if !VARIABLES.contains(&name) && !self.declared.contains(&name) {
                    return Err(format!(
                        "found {name} in a template; expected $labels, $value or a variable that it sets"
                    ));
                }
            }
            _ if word.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                let name = word.split('.').next().unwrap_or(word);
                if !FUNCTIONS.split(' ').any(|function| function == name) {
                    return Err(format!("found {name} in a template; Prometheus has no function of that name"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The words of one action: strings, names with their fields, and single signs.
struct Words<'t> {
    rest: &'t str,
    parentheses: usize,
}

impl<'t> Words<'t> {
    /// The next word, or none at the end of the action, which is then passed.
    fn next(&mut self) -> Result<Option<&'t str>, String> {
        let trimmed = self.rest.trim_start();
        let is_spaced = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        let end = self.rest.strip_prefix("-}}").filter(|_| is_spaced).or_else(|| self.rest.strip_prefix("}}"));
        if let Some(after) = end {
            self.rest = after;
            return if self.parentheses == 0 {
                Ok(None)
            } else {
                Err("found ( in a template that is not closed".to_owned())
            };
        }
        let Some(first) = self.rest.chars().next() else {
            return Err("found {{ without the }} that ends it".to_owned());
        };
        let length = match first {
            '"' | '\'' | '`' => string_length(self.rest, first)?,
            _ if is_part_of_a_word(first) => self.rest.find(|c| !is_part_of_a_word(c)).unwrap_or(self.rest.len()),
            _ => first.len_utf8(),
        };
        match first {
            '(' => self.parentheses += 1,
            ')' => {
                self.parentheses =
                    self.parentheses.checked_sub(1).ok_or("found ) in a template without the ( it would close")?;
            }
            '{' | '}' => return Err(format!("found {first} inside a template; expected }}}} to end it")),
            _ => {}
        }
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(Some(word))
    }
}

fn is_part_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '.')
}

fn string_length(text: &str, quote: char) -> Result<usize, String> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            '\n' if quote != '`' => break,
            _ if c == quote => return Ok(at + 1),
            _ => {}
        }
    }
    Err(format!("found a string in a template that begins with {quote} and does not end"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::check;

    #[test]
    fn templates_as_rules_have_them_are_fine() {
        for fine in [
            "plain } text }} with { braces",
            "{{ $labels.pod }} on {{$labels.node}}: {{- $value | humanize -}} .",
            "{{ printf \"%.2f }}\" $value }}{{/* a note }} */}}",
            "{{ with query \"up\" }}{{ . | first | value }}{{ else }}none{{ end }}",
            "{{ if gt $value 0.5 }}a{{ else if eq $labels.x `b` }}c{{ end }}",
            "{{ range $i, $e := query \"up\" }}{{ $e.Labels.job }}{{ end }}{{ $x := $value }}{{ $x }}",
            "{{ .Labels.a }} {{ ($value | humanize) }} {{ $externalURL }}{{ \"}}\" }}",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
    }

    #[test]
    fn slips_are_told() {
        for (text, expected) in [
            ("{{ $labels.pod", "found {{ without the }} that ends it"),
            ("{{ $labels.pod }", "found } inside a template; expected }} to end it"),
            ("{{ }}", "found {{ }} with nothing inside"),
            ("{{ $label.pod }}", "found $label in a template; expected $labels, $value or a variable that it sets"),
            ("{{ $value | humanise }}", "found humanise in a template; Prometheus has no function of that name"),
            ("{{ labels.pod }}", "found labels in a template; Prometheus has no function of that name"),
            ("{{ | humanize }}", "found | in a template with nothing before it"),
            ("{{ $labels.1st }}", "found $labels.1st in a template; expected names between the dots"),
            ("{{ break }}", "found {{ break }} outside a range"),
            ("{{ if $value }}", "found a block (if, range, with…) without its {{ end }}"),
            ("{{ end }}", "found {{ end }} without the block it belongs to"),
            ("{{ ($value }}", "found ( in a template that is not closed"),
            ("{{ \"a }}", "found a string in a template that begins with \" and does not end"),
            ("{{/* a }}", "found a comment {{/* that does not end"),
        ] {
            assert_eq!(check(text), Err(expected.to_owned()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_check_panic(parts in proptest::collection::vec(
            prop_oneof!["\\PC{0,5}".boxed(), proptest::sample::select(vec![
                "{{", "}}", "-", " ", "$", "$x", ":=", ".", "(", ")", "\"", "`", "if", "end", "/*", "*/", "é",
            ]).prop_map(str::to_owned).boxed()], 0..20)) {
            let _ = check(&parts.concat());
        }
    }
}
