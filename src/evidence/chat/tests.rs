//! Logs of several programs, and any text at all.

use chrono::{FixedOffset, NaiveDate};
use proptest::prelude::*;

use super::{Assumed, Row, read, zone};

fn assumed(day: &str, offset: &str) -> Assumed {
    Assumed { day: NaiveDate::parse_from_str(day, "%Y-%m-%d").ok(), zone: zone(offset).expect(offset) }
}

fn rows(text: &str) -> Vec<(String, String)> {
    let chat = read(text);
    assert!(chat.unread.is_empty(), "not read: {:?}", chat.unread);
    chat.rows(assumed("2026-01-05", "UTC")).into_iter().map(|Row { at, text }| (at, text)).collect()
}

#[track_caller]
fn check(text: &str, wanted: &[(&str, &str)]) {
    let found = rows(text);
    let found: Vec<(&str, &str)> = found.iter().map(|(at, text)| (at.as_str(), text.as_str())).collect();
    assert_eq!(found, wanted);
}

#[test]
fn times_in_brackets_and_names_with_a_colon_are_read() {
    let wanted =
        [("2026-01-05T14:03Z", "An engineer: restarted the pods"), ("2026-01-05T14:05Z", "An engineer: thanks")];
    check("[14:03] ada: restarted the pods\n[14:05:10] grace hopper: thanks", &wanted);
    check("14:03 ada: restarted the pods\r\n14:05 - grace: thanks\r\n", &wanted);
    check("[1/5/26, 2:03:11 PM] Ada Lovelace: restarted the pods\n[1/5/26, 2:05 PM] Ada Lovelace: thanks", &wanted);
    check("[2026-01-05 14:03] ada: restarted the pods\n(14:05) ada: thanks", &wanted);
}

#[test]
fn a_log_of_irc_is_read() {
    check(
        "14:03 <@ada> the pods restart\n14:04 < grace> ada: which ones?\n14:05 * ada looks\n14:06 -!- brendan has joined",
        &[
            ("2026-01-05T14:03Z", "An engineer: the pods restart"),
            ("2026-01-05T14:04Z", "An engineer: An engineer: which ones?"),
            ("2026-01-05T14:05Z", "An engineer looks"),
            ("2026-01-05T14:06Z", "An engineer has joined"),
        ],
    );
    check("2026-01-05 14:03:00\tada\tthe pods restart", &[("2026-01-05T14:03Z", "An engineer: the pods restart")]);
}

#[test]
fn names_above_their_messages_are_read() {
    check(
        "Monday, January 5th\nAda Lovelace  2:03 PM\nThe pods restart.\nAll of them.\n2:04 PM\nStill do.\nGrafana APP  2:05 PM\nCPU is high\n",
        &[
            ("2026-01-05T14:03Z", "An engineer: The pods restart.\nAll of them."),
            ("2026-01-05T14:04Z", "An engineer: Still do."),
            ("2026-01-05T14:05Z", "Grafana: CPU is high"),
        ],
    );
    check("ada — Today at 2:03 PM\nThe pods restart.", &[("2026-01-05T14:03Z", "An engineer: The pods restart.")]);
    check("[1/5/2026 2:03 PM] Ada Lovelace\nRestart it.", &[("2026-01-05T14:03Z", "An engineer: Restart it.")]);
    check("Ada Lovelace [14:03]: restart it", &[("2026-01-05T14:03Z", "An engineer: restart it")]);
}

#[test]
fn plain_lines_with_stamps_are_read() {
    check(
        "2026-01-05T14:03:00Z deployed v2\n2026-01-05T22:04:30+08:00 error: disk full\n2026-01-05 14:05 UTC rolled back",
        &[
            ("2026-01-05T14:03Z", "deployed v2"),
            ("2026-01-05T14:04Z", "error: disk full"),
            ("2026-01-05T14:05Z", "rolled back"),
        ],
    );
}

#[test]
fn midnight_is_passed_and_zones_are_taken_into_account() {
    let chat = read("[23:58] ada: down\n[00:03] ada: up\n[00:02] grace: late");
    let found: Vec<String> = chat.rows(assumed("2026-01-05", "+08:00")).into_iter().map(|row| row.at).collect();
    assert_eq!(found, ["2026-01-05T15:58Z", "2026-01-05T16:03Z", "2026-01-05T16:02Z"]);
    let dayless = Assumed { day: None, zone: FixedOffset::east_opt(-3600 * 5).expect("a zone") };
    assert_eq!(chat.rows(dayless)[0].at, "04:58 UTC");
}

#[test]
fn nobody_is_named() {
    let text = "[14:03] Ada Lovelace: @grace can you look? <@U02ABCDEF> too\n\
                [14:04] grace: thanks Ada, mail user-1@example.com. @here lovelace is on it\n\
                [14:05] will: it will work, @will says";
    let told: Vec<String> = rows(text).into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        told,
        [
            "An engineer: An engineer can you look? An engineer too",
            "An engineer: thanks an engineer, mail user-1@example.com. @here an engineer is on it",
            "An engineer: it will work, an engineer says",
        ]
    );
}

#[test]
fn what_belongs_to_no_message_is_kept_with_its_line() {
    let chat = read("Exported by somebody\n\n[14:03] ada: down\nAda Lovelace  2:04 PM\n");
    let unread: Vec<(u32, &str)> = chat.unread.iter().map(|line| (line.line, line.text.as_str())).collect();
    assert_eq!(unread, [(1, "Exported by somebody"), (4, "Ada Lovelace  2:04 PM")]);
    assert_eq!(chat.len(), 1);
}

#[test]
fn zones_are_read_as_people_write_them() {
    for (text, seconds) in
        [("UTC", 0), ("", 0), ("z", 0), ("+08:00", 28_800), ("-8", -28_800), ("UTC+2", 7_200), ("+0530", 19_800)]
    {
        assert_eq!(zone(text).map(|zone| zone.local_minus_utc()), Some(seconds), "{text}");
    }
    for bad in ["CET", "+", "8", "+25:00", "+1:2:3", "+08:99", "Europe/Berlin", "好"] {
        assert_eq!(zone(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_losing_a_word(text in "([0-9]{1,2}:[0-9]{2}|\\[|\\]|<|>|:|[a-z]{1,4}|好|—|Today at|2026-01-05| |  |\n|\t|@|PM|\\*){0,60}") {
        let chat = read(&text);
        prop_assert_eq!(chat.rows(assumed("2026-01-05", "UTC")).len(), chat.len());
        prop_assert!(chat.unread_without_names().len() == chat.unread.len());
    }

    #[test]
    fn every_word_of_every_message_is_in_a_row(
        said in prop::collection::vec(("[q-z]{3,9}( [q-z]{3,9}){0,5}", prop::collection::vec("[q-z]{3,9}( [q-z]{3,9}){0,5}", 0..3), 0..4_usize), 1..20)
    ) {
        let mut text = String::new();
        for (minute, (first, more, form)) in said.iter().enumerate() {
            let head = match form {
                0 => format!("[14:{minute:02}] ada: {first}"),
                1 => format!("14:{minute:02} <grace> {first}"),
                2 => format!("Ada Lovelace  2:{minute:02} PM\n{first}"),
                _ => format!("2026-01-05T14:{minute:02}:00Z {first}"),
            };
            text.push_str(&format!("{head}\n{}\n", more.join("\n")));
        }
        let chat = read(&text);
        prop_assert!(chat.unread.is_empty());
        let rows = chat.rows(assumed("2026-01-05", "UTC"));
        prop_assert_eq!(rows.len(), said.len());
        for ((first, more, _), row) in said.iter().zip(&rows) {
            for line in std::iter::once(first).chain(more) {
                prop_assert!(row.text.contains(line.as_str()), "{:?} is not in {:?}", line, row.text);
            }
        }
    }
}
