//! Passwords that were stolen elsewhere: a file of their SHA-1 hashes, as Have I Been Pwned gives it out. It may have tens
//! of gigabytes, so it is searched where it lies.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha1::{Digest, Sha1};

/// A file of lines `HASH:count`, sorted; the hashes are upper-case hexadecimal SHA-1.
#[derive(Debug)]
pub struct Breached {
    file: File,
    length: u64,
}

impl Breached {
    /// The length of a hash in hexadecimal digits.
    const HASH: usize = 40;
    /// Longer than any line: a hash, a colon, a count, and the line end.
    const LINE: usize = 96;

    /// Opens such a file, and refuses what does not begin like one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let breached = Self { file, length };
        let first = breached.line_from(0)?.map(|(_, hash)| hash);
        let right =
            first.is_some_and(|hash| hash.iter().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte)));
        if right {
            Ok(breached)
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "found no hash at its beginning; expected lines such as 5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824",
            ))
        }
    }

    /// Whether the password is in it.
    pub fn contains(&self, password: &str) -> io::Result<bool> {
        let digest = Sha1::digest(password.as_bytes());
        let sought: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        // The line that is sought, if it is there, begins in `low..high`.
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.line_from(middle)? {
                Some((start, hash)) if start < high => match hash.as_slice().cmp(sought.as_bytes()) {
                    std::cmp::Ordering::Equal => return Ok(true),
                    std::cmp::Ordering::Less => low = start + Self::HASH as u64,
                    std::cmp::Ordering::Greater => high = middle,
                },
                // No line begins in the upper half.
                Some(_) | None => high = middle,
            }
        }
        Ok(false)
    }

    /// The first whole line that begins at `offset` or after it: where it begins, and its hash.
    fn line_from(&self, offset: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
        // One byte before: the line begins at `offset` only if a line ends there.
        let from = offset.saturating_sub(1);
        let mut buffer = [0; 2 * Self::LINE];
        let filled = self.read(&mut buffer, from)?;
        let text = &buffer[..filled];
        let start = if offset == 0 {
            0
        } else {
            match text.iter().position(|byte| *byte == b'\n') {
                Some(end) => end + 1,
                None => return Ok(None),
            }
        };
        let hash = text.get(start..start + Self::HASH);
        Ok(hash.map(|hash| (from + start as u64, hash.to_vec())))
    }

    fn read(&self, buffer: &mut [u8], from: u64) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.file.read_at(&mut buffer[filled..], from + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use sha1::{Digest, Sha1};

    use super::Breached;

    fn line(password: &str, count: usize) -> String {
        let hash: String = Sha1::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect();
        format!("{hash}:{count}")
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("file");
        file.write_all(text.as_bytes()).expect("written");
        file
    }

    #[test]
    fn every_password_of_the_list_is_found_and_no_other() {
        for (count, end) in [(1, ""), (2, "\n"), (3, "\r\n"), (257, "\r\n")] {
            let mut lines: Vec<String> = (0..count).map(|n| line(&format!("password {n}"), n * n * 1000)).collect();
            lines.sort();
            let separator = if end.is_empty() { "\n" } else { end };
            let file = file(&format!("{}{end}", lines.join(separator)));
            let breached = Breached::open(file.path()).expect("a list");
            for n in 0..count {
                assert!(breached.contains(&format!("password {n}")).expect("read"), "{n} of {count}");
            }
            for n in count..count + 300 {
                assert!(!breached.contains(&format!("password {n}")).expect("read"), "{n} of {count}");
            }
        }
    }

    #[test]
    fn what_is_no_such_list_is_refused() {
        for text in ["", "password\n", "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8:1\n"] {
            let error = Breached::open(file(text).path()).expect_err(text);
            assert!(error.to_string().contains("expected lines such as"), "{error}");
        }
    }
}
