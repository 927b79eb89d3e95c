//! Logs as an incident leaves them: several programs in several formats, mostly ordinary lines, and a few that rules
//! look for.

use std::fmt::Write as _;

use crate::dice::Dice;

/// What ordinary programs say; each `#` becomes a number.
const MESSAGES: &[&str] = &[
    "request completed method=GET path=/api/v1/orders/# status=200 duration=#ms",
    "connection accepted from 10.0.#.#:# total connections #",
    "reconciling deployment web-# in namespace shop: # replicas ready",
    "cache miss for key user:#:profile, loading from database",
    "leader election renewed lease for holder node-# after #ms",
    "retrying request to upstream payments-#, attempt #",
    "error while reading from socket: connection reset by peer (client #)",
    "warning: slow query took # ms: SELECT * FROM orders WHERE id = #",
    "timeout waiting for response from 10.1.#.# after #s",
    "scheduled job cleanup-# finished, # rows removed",
    "health check of backend # passed in #ms",
    "failed to refresh token for session #: context deadline exceeded",
    "pod shop/web-# started container app with image registry.example.com/web:v#",
    "committed offset # for partition # of topic orders",
    "snapshot # written, # bytes",
];

/// How often a line that some rule looks for comes up.
const ORDINARY_BETWEEN: u64 = 2_000;

/// A log of at least this many bytes, with pieces of the given logs in it.
pub fn generated(bytes: usize, hits: &[String]) -> String {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut log = String::with_capacity(bytes + 64 * 1024);
    let mut milliseconds = 1_770_000_000_000_i64;
    while log.len() < bytes {
        milliseconds += dice.below(40) as i64;
        if !hits.is_empty() && dice.below(ORDINARY_BETWEEN) == 0 {
            let hit = &hits[dice.below(hits.len() as u64) as usize];
            let lines: Vec<&str> = hit.lines().collect();
            let from = dice.below(lines.len() as u64) as usize;
            lines[from..].iter().take(6).for_each(|line| {
                log.push_str(line);
                log.push('\n');
            });
        }
        push_line(&mut log, &mut dice, milliseconds);
    }
    log
}

/// The longest beginning of a text that is not longer than so many bytes and ends with a line.
pub fn beginning(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = text.floor_char_boundary(most);
    &text[..text[..end].rfind('\n').map_or(end, |at| at + 1)]
}

fn push_line(log: &mut String, dice: &mut Dice, milliseconds: i64) {
    let at = chrono::DateTime::from_timestamp_millis(milliseconds).unwrap_or_default();
    let message = message(dice);
    let number = dice.below(9_000) + 1_000;
    let written = match dice.below(10) {
        0 => writeln!(log, "{} {message}", at.format("%Y-%m-%dT%H:%M:%S%.9fZ")),
        1 => writeln!(log, "{} stdout F {message}", at.format("%Y-%m-%dT%H:%M:%S%.9fZ")),
        2 => writeln!(log, "I{} {number:>7} server.go:{number}] {message}", at.format("%m%d %H:%M:%S%.6f")),
        3 => writeln!(log, "{} node-7 kubelet[{number}]: {message}", at.format("%b %e %H:%M:%S")),
        4 => writeln!(log, "{} [warn] {number}#0: *{number} {message}", at.format("%Y/%m/%d %H:%M:%S")),
        5 => writeln!(
            log,
            "10.0.0.7 - - [{}] \"GET /orders/{number} HTTP/1.1\" 200 {number} \"-\" \"curl/8.7.1\"",
            at.format("%d/%b/%Y:%H:%M:%S +0000")
        ),
        6 => writeln!(log, "{{\"level\":\"info\",\"ts\":{}.5,\"msg\":\"{message}\"}}", milliseconds / 1_000),
        7 => writeln!(log, "{} UTC [{number}] LOG:  {message}", at.format("%Y-%m-%d %H:%M:%S%.3f")),
        8 => writeln!(log, "[{}] INFO [Worker-{number}] {message} (kafka.server)", at.format("%Y-%m-%d %H:%M:%S,%3f")),
        _ => writeln!(
            log,
            "{} ERROR [http-{number}] c.e.Orders - {message}\n\tat com.example.Orders.load(Orders.java:{number})\n\tat \
             java.base/java.lang.Thread.run(Thread.java:840)",
            at.format("%Y-%m-%d %H:%M:%S,%3f")
        ),
    };
    written.expect("a string takes everything");
}

fn message(dice: &mut Dice) -> String {
    let mut message = String::new();
    for piece in MESSAGES[dice.below(MESSAGES.len() as u64) as usize].split_inclusive('#') {
        match piece.strip_suffix('#') {
            Some(words) => write!(message, "{words}{}", dice.below(256)).expect("a string takes everything"),
            None => message.push_str(piece),
        }
    }
    message
}
