//! What is masked, what is left, and that both stay so.

use proptest::prelude::*;

use super::*;

fn masked(text: &str) -> String {
    mask(text).text
}

#[test]
fn credentials_are_masked_in_every_form_they_are_pasted_in() {
    let cases = [
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer [token-1]"),
        ("authorization=Basic dXNlcjpwYXNz", "authorization=Basic [password-1]"),
        (r#"{"Authorization":["Bearer abc123def456"]}"#, r#"{"Authorization":["Bearer [token-1]"]}"#),
        ("curl -H 'Authorization: token 0123456789abcdef' x", "curl -H 'Authorization: token [token-1]' x"),
        ("using bearer 9f8e7d6c5b4a3210ffee", "using bearer [token-1]"),
        ("postgres://app:hunter2@db:5432/app", "postgres://app:[password-1]@db:5432/app"),
        ("redis://:hunter2@cache:6379", "redis://:[password-1]@cache:6379"),
        ("root:hunter2@tcp(db:3306)/app", "root:[password-1]@tcp(db:3306)/app"),
        ("https://0123456789abcdef0123@git.example.org/x", "https://[token-1]@git.example.org/x"),
        (
            "Server=db;User Id=sa;Password=Hunter2!;Encrypt=true",
            "Server=db;User Id=sa;Password=[password-1];Encrypt=true",
        ),
        ("host=db password=abc dbname=app", "host=db password=[password-1] dbname=app"),
        ("DB_PASSWORD=secret", "DB_PASSWORD=[password-1]"),
        ("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "export AWS_SECRET_ACCESS_KEY=[key-1]"),
        ("spring.datasource.password = hunter2", "spring.datasource.password = [password-1]"),
        ("  password: hunter2", "  password: [password-1]"),
        ("password: \"two words\"", "password: \"[password-1]\""),
        (r#"{"apiKey":"abc","user":"bob"}"#, r#"{"apiKey":"[key-1]","user":"bob"}"#),
        (r#"{\"clientSecret\":\"abc\",\"user\":\"bob\"}"#, r#"{\"clientSecret\":\"[secret-1]\",\"user\":\"bob\"}"#),
        ("server --token abcdefg --v=2", "server --token [token-1] --v=2"),
        ("server --admin-password=abc,x=1", "server --admin-password=[password-1],x=1"),
        ("login failed (password=abc)", "login failed (password=[password-1])"),
        ("X-Api-Key: 1234567890", "X-Api-Key: [key-1]"),
        ("?user=bob&access_token=abcdef&x=1", "?user=bob&access_token=[token-1]&x=1"),
        ("Cookie: a=1b; theme=dark", "Cookie: a=[session-1]; theme=[session-2]"),
        ("Set-Cookie: sid=abc; Path=/; HttpOnly", "Set-Cookie: sid=[session-1]; Path=/; HttpOnly"),
        ("JSESSIONID=0123456789ABCDEF0123", "JSESSIONID=[session-1]"),
        ("key AKIAIOSFODNN7EXAMPLE used", "key [key-1] used"),
        ("pushing with ghp_0123456789abcdefghij0123456789abcdef", "pushing with [token-1]"),
        ("glpat-0123456789abcdefghij", "[token-1]"),
        ("xoxb-1234567890-abcdef", "[token-1]"),
        (concat!("sk_", "live_0123456789abcdef"), "[token-1]"),
        ("sk-proj-0123456789abcdefABCDEF", "[token-1]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_DEF-1 end", "[token-1] end"),
        ("- name: DB_PASSWORD\n  value: hunter2\n", "- name: DB_PASSWORD\n  value: [password-1]\n"),
        (r#"{"name":"API_TOKEN","value":"abcdef"}"#, r#"{"name":"API_TOKEN","value":"[token-1]"}"#),
        ("      DB_PASSWORD:  hunter2", "      DB_PASSWORD:  [password-1]"),
    ];
    for (text, expected) in cases {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn addresses_keep_their_shape() {
    let cases = [
        ("from 10.1.2.3:443 to 10.1.2.3", "from 192.0.2.1:443 to 192.0.2.1"),
        ("node ip-10-1-2-3.eu-west-1 (10.1.2.3)", "node ip-192-0-2-1.eu-west-1 (192.0.2.1)"),
        ("podCIDR: 10.4.0.0/24", "podCIDR: 192.0.2.1/24"),
        ("kafka-1/10.0.0.5:9092", "kafka-1/192.0.2.1:9092"),
        ("[2a00:1450:4001::200e]:443", "[2001:db8::1]:443"),
        ("via fe80::1ff:fe23:4567:890a%eth0", "via 2001:db8::1%eth0"),
        ("mail Alice.B@Corp.co.uk, alice.b@corp.co.uk.", "mail user-1@example.com, user-1@example.com."),
        ("mailto:jürgen@firma.de", "mailto:user-1@example.com"),
        ("link/ether 0a:58:0a:f4:01:05 brd ff:ff:ff:ff:ff:ff", "link/ether 00:00:5e:00:53:01 brd ff:ff:ff:ff:ff:ff"),
    ];
    for (text, expected) in cases {
        assert_eq!(masked(text), expected);
    }
}

#[test]
fn what_names_nobody_is_left() {
    let texts = [
        "listening on 127.0.0.1:80, 0.0.0.0:80, [::]:80 and ::1; metadata at 169.254.169.254",
        "0.0.0.0/0, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, netmask 255.255.255.0",
        "v1.2.3.4 version 1.28.3.1 app-1.2.3.4.jar k8s 1.28.3.1-gke.100 Chrome/120.0.0.0 1.2.3.4.5",
        "image: registry.example.org/team/app:1.28.3.1",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "uid: 0e6f1f1e-2f6c-4d7e-9f43-0c1de8a4a1f2, commit 4ba6bd5d49b286c961c1f, pod web-7d9f8b6c5-x2x4q",
        "2024-05-17T12:34:56.789Z 12:34:56 std::fs::read a::b dead::beef 00:11:22:33:44:55:66:77",
        "getty@tty1.service lodash@4.17.21 git@github.com:team/repo.git /go/pkg/mod/x/y@v1.2.3/main.go",
        "secret \"db-password\" not found; Error: secret: not found; invalid token: expired",
        "secretName: tls\nimagePullSecrets:\n- name: regcred\nautomountServiceAccountToken: false\nsecret: my-tls",
        "password:  12 bytes",
        "DB_PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false",
        "password: ${DB_PASSWORD} token: {{ .Values.token }} PASSWORD=****",
        "PWD=/home/app --- PASS: TestServer (0.00s) bypass: enabled1 max_tokens=512 tokenExpirationSeconds: 3607",
        "Unexpected token: } in JSON at position 12; if token == null",
        "password: /run/secrets/db",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "session id: 12, Kubernetes secretKeyRef:\n  name: db\n  key: password",
    ];
    for text in texts {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn a_private_key_is_one_secret_cut_or_whole() {
    let whole = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIabc+/=\nMIIdef\n-----END RSA PRIVATE KEY-----\nb";
    assert_eq!(masked(whole), "a\n[private key 1]\nb");
    let cut = "-----BEGIN PRIVATE KEY-----\nMIIabc\nMIIdef\nnext line of a log";
    assert_eq!(masked(cut), "[private key 1]\nnext line of a log");
    let json = r#""private_key": "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----\n", "x": 1"#;
    assert_eq!(masked(json), r#""private_key": "[private key 1]\n", "x": 1"#);
}

#[test]
fn the_data_of_a_secret_is_masked_and_that_of_its_neighbours_is_not() {
    let yaml = "\
apiVersion: v1
items:
- apiVersion: v1
  data:
    mode: fast
  kind: ConfigMap
- apiVersion: v1
  data:
    user: YWRtaW4=
    cert: |
      line1
      line2
  kind: Secret
  metadata:
    name: db
kind: List
";
    let expected = yaml.replace("YWRtaW4=", "[secret-1]").replace("line1", "[secret-2]").replace("line2", "[secret-3]");
    assert_eq!(masked(yaml), expected);
    let json =
        r#"{"items":[{"data":{"mode":"fast"},"kind":"ConfigMap"},{"data":{"user":"YWRtaW4="},"kind":"Secret"}]}"#;
    assert_eq!(masked(json), json.replace("YWRtaW4=", "[secret-1]"));
    let annotation = r#"last: "{\"data\":{\"user\":\"YWRtaW4=\"},\"kind\":\"Secret\"}""#;
    assert_eq!(masked(annotation), annotation.replace("YWRtaW4=", "[secret-1]"));
    let before = "kind: Secret\nstringData:\n  user: admin\n---\nkind: ConfigMap\ndata:\n  user: admin\n";
    assert_eq!(
        masked(before),
        "kind: Secret\nstringData:\n  user: [secret-1]\n---\nkind: ConfigMap\ndata:\n  user: admin\n"
    );
}

#[test]
fn one_secret_has_one_pseudonym_and_is_met_again_on_its_own() {
    let text = "password=hunter2secret\nother password=hunter3secret\nauth failed for hunter2secret, hunter2secrets";
    let expected = "password=[password-1]\nother password=[password-2]\nauth failed for [password-1], hunter2secrets";
    assert_eq!(masked(text), expected);
}

#[test]
fn a_pseudonym_that_stands_in_the_paste_is_not_given_again() {
    assert_eq!(
        masked("[password-1] 192.0.2.1 10.0.0.1 password=abc"),
        "[password-1] 192.0.2.1 192.0.2.2 password=[password-2]"
    );
}

#[test]
fn ranges_follow_the_text_and_widen_over_a_cut_secret() {
    let text = "é password=abc from 10.0.0.1 end";
    let masked = mask(text);
    assert_eq!(masked.text, "é password=[password-1] from 192.0.2.1 end");
    let at = |piece: &str| {
        let start = text.find(piece).expect("stands there");
        &masked.text[masked.range(start..start + piece.len())]
    };
    assert_eq!(at("end"), "end");
    assert_eq!(at("bc"), "[password-1]");
    assert_eq!(at("c from 10."), "[password-1] from 192.0.2.1");
    assert_eq!(at(text), masked.text);
}

#[test]
fn a_fragment_is_masked_by_what_the_paste_taught() {
    let masked = mask("password=hunter2 alice@corp.com 10.0.0.1");
    assert_eq!(
        masked.apply("hunter2 by Alice@corp.com at 10.0.0.1"),
        "[password-1] by user-1@example.com at 192.0.2.1"
    );
    assert_eq!(masked.apply("10.0.0.2"), "192.0.2.2");
}

#[test]
fn the_tally_counts_different_secrets() {
    assert_eq!(mask("nothing here").tally(), None);
    assert_eq!(mask("10.0.0.1 10.0.0.1").tally().as_deref(), Some("1 address"));
    let text = "password=abc 10.0.0.1 10.0.0.2 --token abcdefg --token bcdefgh";
    assert_eq!(mask(text).tally().as_deref(), Some("2 tokens, 1 password and 2 addresses"));
}

/// What stands for a secret in an example: AWS's key of the documentation, `user:password`, `us-west-2`, `2018-10-01`.
const STANDING_FOR_SECRETS: [&str; 5] =
    ["AKIAIOSFODNN7EXAMPLE", "dXNlcjpwYXNzd29yZA==", "dXMtd2VzdC0yCg==", "MjAxOC0xMC0wMQo=", "MjAxOC0xMC0wMQ=="];

/// An address that is private everywhere belongs to nobody, nor does one that carriers and clusters share (RFC 6598).
fn is_private(secret: &str) -> bool {
    let address = secret.replace('-', ".").parse::<std::net::Ipv4Addr>();
    address.is_ok_and(|address| address.is_private() || matches!(address.octets(), [100, 64..=127, ..]))
}

#[test]
fn erlang_stamps_and_public_resolvers_are_nobodys_addresses() {
    let text = "=INFO REPORT==== 20-Mar-2017::18:40:01 === asked 8.8.8.8 and 1.1.1.1";
    assert_eq!(mask(text).tally(), None);
    assert_eq!(mask("from 2001:470::1-2001:470::9 and 8.8.8.9").tally().as_deref(), Some("3 addresses"));
}

#[test]
fn the_built_in_stories_name_nobody() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
    let mut met = Vec::new();
    for folder in [folder.join("patterns"), folder] {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&path).expect("read the story");
            let masked = mask(&text);
            let secrets = masked.replaced.iter().map(|replaced| &text[replaced.original.clone()]);
            let names = secrets.filter(|secret| !STANDING_FOR_SECRETS.contains(secret) && !is_private(secret));
            met.extend(names.map(|secret| format!("{}: {secret}", path.display())));
        }
    }
    assert!(met.is_empty(), "{}", met.join("\n"));
}

/// Pieces that bring detectors close together, where one's end is another's beginning.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "password",
            "=",
            ":",
            " ",
            "\n",
            "\"",
            "'",
            "\\",
            "10.0.0.1",
            "192.0.2.1",
            "a@b.io",
            "user-1@example.com",
            "@",
            "://",
            "/",
            "token",
            "secret: ",
            "[token-1]",
            "[password-1]",
            "]",
            "Bearer ",
            "Authorization: ",
            "Cookie: ",
            ";",
            ",",
            "a=b",
            "kind: Secret\n",
            "data:\n",
            "  x: y1\n",
            "-----BEGIN PRIVATE KEY-----",
            "MIIabc",
            "-----END PRIVATE KEY-----",
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_0123456789abcdefghij0123456789abcdef",
            "fe80::1",
            "0a:58:0a:f4:01:05",
            "--token ",
            "é",
            "{",
            "}",
            "\"kind\":\"Secret\"",
            "\"data\":{",
            "ip-10-0-0-1",
            "-",
            ".",
            "1",
            "abcdef12",
            "value: ",
            "name: ",
            "%",
            "|",
            "  ",
            "🦀",
            "---",
            "hunter2secret",
            "(",
            ")",
            "&",
            "tcp(",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,4}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn masking_what_is_masked_changes_nothing(text in pieces()) {
        let once = masked(&text);
        prop_assert_eq!(masked(&once), once);
    }

    #[test]
    fn what_was_replaced_lies_where_it_is_said_to(text in pieces()) {
        let masked = mask(&text);
        let (mut original, mut shown) = (0, 0);
        for replaced in &masked.replaced {
            prop_assert_eq!(&text[original..replaced.original.start], &masked.text[shown..replaced.masked.start]);
            prop_assert!(!replaced.original.is_empty());
            (original, shown) = (replaced.original.end, replaced.masked.end);
        }
        prop_assert_eq!(&text[original..], &masked.text[shown..]);
        prop_assert_eq!(masked.range(0..text.len()), 0..masked.text.len());
        for (start, _) in text.char_indices() {
            let range = masked.range(start..text.len());
            prop_assert!(masked.text.is_char_boundary(range.start));
            prop_assert_eq!(range.end, masked.text.len());
        }
    }
}
