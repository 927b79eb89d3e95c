//! Stack traces are recognised from their first line to their last.

use super::read;

/// Exception, message, first and last line of each trace.
fn traces(text: &str) -> Vec<(String, String, u32, u32)> {
    let read = read(text);
    let traces = read.traces.iter();
    traces.map(|t| (t.exception.clone(), t.message.clone(), t.lines.start, t.lines.end - 1)).collect()
}

fn one(text: &str, exception: &str, message: &str, first: u32, last: u32) {
    assert_eq!(traces(text), [(exception.to_owned(), message.to_owned(), first, last)], "{text}");
}

#[test]
fn java_with_its_causes() {
    let text = "12:00 ERROR request failed\njava.lang.IllegalStateException: no pool\n\tat com.a.B.c(B.java:1)\n\tat \
                com.a.B.d(B.java:2)\nCaused by: java.io.IOException: gone\n\tat com.a.E.f(E.java:3)\n\t... 12 more\nnext";
    one(text, "java.lang.IllegalStateException", "no pool", 2, 7);
    let prefixed =
        "2024-05-17 ERROR [main] c.a.B - failed: java.lang.OutOfMemoryError: Java heap space\n\tat a.B.c(B.java:1)\n";
    one(prefixed, "java.lang.OutOfMemoryError", "Java heap space", 1, 2);
}

#[test]
fn node_and_dot_net() {
    one(
        "TypeError: x is not a function\n    at run (/app/x.js:1:2)\n    at /app/y.js:3:4\n\n",
        "TypeError",
        "x is not a function",
        1,
        3,
    );
    let net = "Unhandled exception. System.InvalidOperationException: bad\n ---> System.IO.IOException: gone\n   at A.B()\n   --- End of \
               inner exception stack trace ---\n   at A.Run() in /a.cs:line 3\n";
    let first = traces(net);
    assert_eq!(first.len(), 1, "{first:?}");
}

#[test]
fn python_names_what_it_threw_last() {
    let text = "start\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nValueError: bad: worse\nnext";
    one(text, "ValueError", "bad: worse", 2, 5);
    let chained = "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'a'\n\nDuring handling of the above \
                   exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"b.py\", line \
                   1\nurllib3.exceptions.ReadTimeout\n\nnext line";
    one(chained, "urllib3.exceptions.ReadTimeout", "", 1, 9);
    one("Traceback (most recent call last):\n  File \"a.py\"\nKeyError: 1\n\nnext", "KeyError", "1", 1, 3);
    assert!(traces("Traceback (most recent call last):\n  File \"cut.py\", line 1").is_empty());
}

#[test]
fn go_with_its_goroutines() {
    let text = "panic: runtime error: index out of range [3]\n\ngoroutine 1 [running]:\nmain.f(0x1, 0x2)\n\t/a/main.go:3 \
                +0x1d\nmain.main()\n\t/a/main.go:9 +0x20\n\ngoroutine 5 [select]:\nmain.(*T).run(0xc0)\n\t/a/t.go:1 +0x2\ncreated by \
                main.main\n\t/a/main.go:1 +0x3\nexit status 2\nafter that\n";
    one(text, "panic", "runtime error: index out of range [3]", 1, 14);
    assert!(traces("panic: at the disco\nthe band\n").is_empty());
}

#[test]
fn rust_old_and_new() {
    let new = "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds\nstack backtrace:\n   0: a::b\n             at \
               ./a.rs:1:2\nnote: run with `RUST_BACKTRACE=full` for a verbose backtrace.\nend";
    one(new, "panic", "index out of bounds", 1, 6);
    let old = "thread 'main' panicked at 'boom', src/main.rs:2:5\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
    one(old, "panic", "boom", 1, 2);
}
