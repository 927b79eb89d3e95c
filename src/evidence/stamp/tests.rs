//! Real lines of every form with the moment they mean, and lines that only look like them.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::{Calendar, Form, read};

/// Two weeks after the stamps below.
const NOW: &str = "2026-03-28T12:00:00Z";

fn moment(text: &str) -> i64 {
    let moment: DateTime<Utc> = text.parse().expect("RFC 3339");
    moment.timestamp_nanos_opt().expect("in range")
}

fn calendar() -> Calendar {
    Calendar::new(NOW.parse().expect("RFC 3339"))
}

fn stamp_of(line: &str) -> Option<String> {
    let stamp = read(line, &mut calendar())?;
    Some(DateTime::from_timestamp_nanos(stamp.nanoseconds).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
}

#[track_caller]
fn all_mean(expected: &str, lines: &[&str]) {
    let wrong: Vec<String> = lines
        .iter()
        .filter(|line| stamp_of(line).map(|found| moment(&found)) != Some(moment(expected)))
        .map(|line| format!("{line}\n    is read as {:?}", stamp_of(line)))
        .collect();
    assert!(wrong.is_empty(), "should be {expected}:\n{}", wrong.join("\n"));
}

#[test]
fn stamps_to_the_second_are_read() {
    all_mean(
        "2026-03-14T15:04:05Z",
        &[
            "2026-03-14T15:04:05Z Normal ScalingReplicaSet deployment/web Scaled up",
            "2026-03-14T15:04:05Z\tdemo/abort\taborter\tError\t134",
            "2026-03-14T16:04:05+01:00 first line",
            "2026-03-14T10:04:05-0500 host sshd[1]: journalctl -o short-iso",
            "2026-03-14t15:04:05z lower case is RFC 3339 as well",
            "2026-03-14 15:04:05 plain",
            "2026-03-14 15:04:05 UTC [123] LOG:  checkpoint starting: time",
            "2026-03-14 15:04:05 +0000 ruby",
            "2026-03-14 17:04:05 +02:00 apart",
            "[2026-03-14 15:04:05 +0000] [7] [INFO] Booting worker with pid: 7",
            "2026-03-14 15:04:05 10.0.0.1 GET /index.html - 80 - 10.0.0.2 Mozilla/5.0 200 0 0 5",
            "2026-03-14\t15:04:05\tLAX1\t2390282\t192.0.2.202\tGET",
            "2026-03-14 15:04:05, Info                  CBS    Loaded Servicing Stack",
            "2026/03/14 15:04:05 [error] 12345#0: *70 connect() failed (111: Connection refused)",
            "2026/03/14 15:04:05 main.go:12: listening",
            "[GIN] 2026/03/14 - 15:04:05 | 200 |     1.2ms | 10.0.0.1 | GET \"/\"",
            "I0314 15:04:05.000000       1 main.go:1] started",
            "Mar 14 15:04:05 node-0 kubelet[42965]: started",
            "<34>Mar 14 15:04:05 mymachine su: 'su root' failed",
            "<165>1 2026-03-14T15:04:05Z mymachine.example.com evntslog - ID47 - message",
            "Mar 14 2026 15:04:05: %ASA-6-302013: Built outbound TCP connection",
            "Mar 14, 2026 3:04:05 PM org.apache.catalina.core.StandardService startInternal",
            "10.244.0.1 - - [14/Mar/2026:15:04:05 +0000] \"GET / HTTP/1.1\" 502 157 \"-\" \"curl/8.7.1\"",
            "2001:db8::1 - alice smith [14/Mar/2026:16:04:05 +0100] \"GET / HTTP/1.1\" 200 1",
            "[14/Mar/2026 15:04:05] \"GET /admin/ HTTP/1.1\" 200 1234",
            "[Sat Mar 14 15:04:05 2026] [notice] workerEnv.init() ok",
            "Sat Mar 14 15:04:05 2026 daemon: ready",
            "Sat Mar 14 15:04:05 UTC 2026 from date",
            "Sat Mar 14 15:04:05 CET 2026 a zone that only has a name is read as UTC",
            "Sat, 14 Mar 2026 15:04:05 +0000 mail",
            "Sat 2026-03-14 15:04:05 UTC host journalctl -o short-full",
            "[14-Mar-2026 15:04:05] NOTICE: fpm is running, pid 1",
            "[14-Mar-2026 15:04:05 UTC] PHP Fatal error:  Uncaught Exception",
            "=ERROR REPORT==== 14-Mar-2026::15:04:05 ===",
            "03/14/2026, 15:04:05 IIS",
            "3/14/2026 3:04:05 PM Windows",
            "14.03.2026 15:04:05 INFO gestartet",
            "26/03/14 15:04:05 INFO executor.Executor: Finished task 0.0",
            "260314 150405 143 INFO dfs.DataNode$PacketResponder: terminating",
            "260314 15:04:05 [Note] mysqld: ready for connections.",
            "20260314 15:04:05 compact",
            "20260314T150405Z compact",
            "1773500645 epoch",
            "[1773500645] SERVICE ALERT: web;HTTP;CRITICAL",
            "time=2026-03-14T15:04:05Z level=info msg=ready",
            "time=\"2026-03-14T15:04:05Z\" level=error msg=\"cannot sync\"",
            "level=info ts=2026-03-14T15:04:05Z caller=main.go:1 msg=ready",
            "t=2026-03-14T15:04:05+0000 lvl=eror msg=\"Failed\"",
            "- 1773500645 2026.03.14 R02-M1-N0-C:J12-U11 RAS KERNEL INFO",
            "INFO  [main] 2026-03-14 15:04:05 starting",
            "[pod/web-5d/app] 2026-03-14T15:04:05Z GET /",
            "web-1  | 2026-03-14 15:04:05 ready",
            "db     | 2026-03-14 15:04:05 UTC [1] LOG:  ready",
            "\u{1b}[90m2026-03-14T15:04:05Z\u{1b}[0m coloured",
            "\u{1b}[36mweb-1  | \u{1b}[0m2026-03-14 15:04:05 the colours of Compose",
            "\u{1b}[32mINFO\u{1b}[0m 2026-03-14 15:04:05 a coloured level",
            "  2026-03-14 15:04:05 pasted with an indent",
        ],
    );
}

#[test]
fn fractions_are_read_to_the_nanosecond() {
    all_mean(
        "2026-03-14T15:04:05.123Z",
        &[
            "2026-03-14 15:04:05,123 - root - INFO - python",
            "2026-03-14 15:04:05,12300 WARN  [vertx-blocked-thread-checker]",
            "2026-03-14 15:04:05.123 [ERROR] redis.clients.jedis",
            "2026-03-14T15:04:05.123+0000 I NETWORK  [listener] old MongoDB",
            "2026-03-14T15:04:05.123Z [INFO]  agent: consul",
            "[2026-03-14 15:04:05,123] INFO [KafkaServer id=0] started (kafka.server.KafkaServer)",
            "[2026-03-14T15:04:05,123][INFO ][o.e.n.Node               ] [es-0] started",
            "[2026-03-14T15:04:05.123Z] \"GET / HTTP/1.1\" 503 UF 0 91 from Envoy",
            "[2026-03-14 15:04:05.123][1][critical][main] [source/server/server.cc:1] error",
            "INFO  [main] 2026-03-14 15:04:05,123 CassandraDaemon.java:650 - Startup complete",
            "I, [2026-03-14T15:04:05.123000 #1]  INFO -- : Completed 200 OK",
            "12345:M 14 Mar 2026 15:04:05.123 * Background saving started by pid 1",
            "14-Mar-2026 15:04:05.123 INFO [main] org.apache.catalina.startup.Catalina.start",
            "14 Mar 2026 15:04:05.123 plain",
            "2026 Mar 14 15:04:05.123 plain",
            "14/Mar/2026:15:04:05.123 plain",
            "03-14 15:04:05.123  1702  2395 D WindowManager: printFreezing",
            "20260314-15:04:05:123|Step_LSC|30002312|onStandStepChanged",
            "[3/14/26 15:04:05:123 UTC] 00000001 WsServerImpl",
            "[ERROR]\t2026-03-14T15:04:05.123Z\t8e1c\tTask timed out",
            "https 2026-03-14T15:04:05.123000Z app/my-lb/50dc6c495c0c9188 192.0.2.1:2817 -",
            "nova-api.log.1.2026-03-14_13:53:08 2026-03-14 15:04:05.123 25746 INFO nova.osapi",
            "1773500645.123    345 10.0.0.1 TCP_MISS/200 1024 GET http://example.com/",
            "1773500645123 milliseconds",
            "type=SYSCALL msg=audit(1773500645.123:24287): arch=c000003e",
            r#"{"level":"info","ts":1773500645.123,"logger":"setup","msg":"starting manager"}"#,
            r#"{"level":"info","ts":"2026-03-14T15:04:05.123Z","caller":"etcdmain/etcd.go:73"}"#,
            r#"{"level":30,"time":1773500645123,"pid":1,"msg":"pino"}"#,
            r#"{"level":"error","time":1773500645123000,"caller":"server.go:462"}"#,
            r#"{"t":{"$date":"2026-03-14T15:04:05.123+00:00"},"s":"I",  "c":"NETWORK",  "id":22943}"#,
            r#"{"type": "server", "timestamp": "2026-03-14T15:04:05,123Z", "level": "INFO"}"#,
            r#"{"@timestamp":"2026-03-14T15:04:05.123Z","log.level":"error","message":"x"}"#,
            r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","stageTimestamp":"2026-03-14T15:04:05.123000Z"}"#,
            r#"{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-03-14T15:04:05.123Z"}"#,
            r#"{"TimeCreated":"\/Date(1773500645123)\/","Id":1}"#,
            r#"{"log":"panic: oh\n","stream":"stderr","time":"2026-03-14T15:04:05.123000000Z"}"#,
            r#"{"instant":{"epochSecond":1773500645.123},"level":"INFO"}"#,
            r#"web-1  | {"ts":1773500645.123,"msg":"behind the name of a service"}"#,
            r#"{"__REALTIME_TIMESTAMP":"1773500645123000","MESSAGE":"x"}"#,
        ],
    );
    all_mean(
        "2026-03-14T15:04:05.678901Z",
        &[
            "I0314 15:04:05.678901   12345 evented.go:365] \"Evented PLEG\"",
            "E20260314 15:04:05.678901    17 server.cc:1] glog with a year",
            "Mar 14 15:04:05.678901 WRN retrying",
            "2026/03/14 15:04:05.678901 file.go:23: msg",
            "[1] 2026/03/14 15:04:05.678901 [INF] Starting nats-server",
            "2026-03-14 15:04:05.678901+00:00 [error] <0.229.0> Discarding message",
            "2026-03-14 15:04:05.678901-0000 x",
            "[Sat Mar 14 15:04:05.678901 2026] [core:error] [pid 1] AH00124",
            "2026-03-14T15:04:05.678901Z 0 [Note] mysqld: ready",
        ],
    );
    all_mean(
        "2026-03-14T15:04:05.123456789Z",
        &["2026-03-14T15:04:05.123456789Z stdout F hello", "1773500645123456789 x"],
    );
    all_mean("2026-01-01T00:00:00Z", &["2026-01-01 00:00:00.000000+00:00 generated"]);
}

#[test]
fn a_time_without_a_date_lies_on_the_day_of_reading() {
    all_mean(
        "2026-03-28T15:04:05.123Z",
        &["15:04:05.123 [main] INFO  Application - started", "15:04:05,123 |-INFO in ch.qos.logback"],
    );
    all_mean("2026-03-28T15:04:05Z", &["[15:04:05] [Server thread/INFO]: Done"]);
}

#[test]
fn what_is_no_date_is_no_stamp() {
    for line in [
        "",
        "2026-02-29 15:04:05 no leap year",
        "2026-13-14 15:04:05 no month",
        "2026-03-14 24:04:05 no hour",
        "2026-03-14 15:60:05 no minute",
        "2026-03-14 15:04:05abc no boundary",
        "0001-01-01T00:00:00Z the zero of Go",
        "2026-03-14 only a day",
        "15:04:05 up 3 days,  1:02,  1 user,  load average: 0.00",
        "1773500645",
        "12345 a number",
        "The outage began on 2026-03-14 at 15:04:05 in Frankfurt",
        "Mar 14 release notes",
        "I03 is a bus line",
        "  \"timestamp\": \"2026-03-14T15:04:05.474548Z\",",
        "  creationTimestamp: 2026-03-14T15:04:05Z",
        "creationTimestamp: 2026-03-14T15:04:05Z",
        "Start Time:       Sat, 14 Mar 2026 15:04:05 +0000",
        "{\"ts\":12.5,\"msg\":\"a duration\"}",
        "{\"ts\":",
        "{",
        "[",
        "[[[[[[[[",
        "<34>",
        "5m23s   Warning  BackOff  pod/web-1  Back-off restarting failed container",
        "    at com.example.Main.main(Main.java:5)",
    ] {
        assert_eq!(stamp_of(line), None, "{line}");
    }
}

#[test]
fn the_first_stamp_of_a_line_wins() {
    let line = "2026-03-14T15:04:05Z 2026-03-13 01:00:00,000 ERROR x";
    assert_eq!(stamp_of(line).as_deref(), Some("2026-03-14T15:04:05Z"));
}

#[test]
fn only_the_formats_that_set_their_stamps_apart_lose_them() {
    let form = |line: &str| read(line, &mut calendar()).expect("a stamp").form;
    assert_eq!(form("2026-03-14T15:04:05Z hello"), Form::Rfc3339(21));
    assert_eq!(form("2026-03-14T15:04:05.1+00:00 hello"), Form::Rfc3339(28));
    assert_eq!(form("2026-03-14T15:04:05Z stderr F hello"), Form::Cri(30));
    assert_eq!(form("2026-03-14T15:04:05Z stderr closed"), Form::Rfc3339(21));
    assert_eq!(form("2026-03-14T15:04:05Z\thello"), Form::Within);
    assert_eq!(form("2026-03-14T15:04:05+0000 hello"), Form::Within);
    assert_eq!(form("2026-03-14 15:04:05Z hello"), Form::Within);
    assert_eq!(form(r#"{"log":"x","stream":"stdout","time":"2026-03-14T15:04:05Z"}"#), Form::Docker);
    assert_eq!(form(r#"{"log":"x","time":"2026-03-14T15:04:05Z"}"#), Form::Within);
}

#[test]
fn a_stamp_without_a_year_is_at_most_a_week_ahead() {
    let at = |now: &str, line: &str| {
        let stamp = read(line, &mut Calendar::new(now.parse().expect("RFC 3339"))).expect("a stamp");
        DateTime::from_timestamp_nanos(stamp.nanoseconds).format("%F").to_string()
    };
    assert_eq!(at("2026-12-31T23:00:00Z", "Jan  6 10:00:00 host x"), "2027-01-06");
    assert_eq!(at("2026-12-31T23:00:00Z", "Jan  8 10:00:00 host x"), "2026-01-08");
    assert_eq!(at("2026-01-01T01:00:00Z", "Dec 31 23:59:59 host x"), "2025-12-31");
    assert_eq!(at("2026-03-14T15:00:00Z", "I0314 15:04:05.000000 1 x.go:1] y"), "2026-03-14");
    assert_eq!(at("2027-01-01T00:00:00Z", "Feb 29 10:00:00 host x"), "2024-02-29");
}

#[test]
fn new_years_eve_parts_no_log() {
    for now in ["2026-06-01T00:00:00Z", "2026-12-24T23:59:59Z", "2026-12-25T00:00:00Z", "2027-01-01T00:00:00Z"] {
        let mut calendar = Calendar::new(now.parse().expect("RFC 3339"));
        let before = read("Dec 31 23:59:59 host x", &mut calendar).expect("a stamp").nanoseconds;
        let after = read("Jan  1 00:00:01 host x", &mut calendar).expect("a stamp").nanoseconds;
        assert_eq!(after - before, 2_000_000_000, "read at {now}");
    }
    let mut calendar = calendar();
    let before = read("23:59:59.500 [main] INFO x", &mut calendar).expect("a stamp").nanoseconds;
    let after = read("00:00:00.500 [main] INFO x", &mut calendar).expect("a stamp").nanoseconds;
    assert_eq!(after - before, 1_000_000_000);
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(line in "\\PC*") {
        read(&line, &mut calendar());
        super::message(&line);
    }

    #[test]
    fn nothing_near_a_stamp_makes_it_panic(
        line in "[ \\[<({]{0,2}[IWE\"ts:=|-]{0,3}[0-9]{0,4}[-/ .:T]?[0-9A-Mé]{0,3}[-/ :,]?[0-9]{0,6}[T :][0-9:.,]{0,20}[Z+\\-0-9: \\]}PM\\\\\"é]{0,8}"
    ) {
        read(&line, &mut calendar());
        super::message(&line);
    }
}
