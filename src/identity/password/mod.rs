//! Passwords: which are good enough, what is kept of them (argon2id), and whether one is right. Everything here but the
//! checks of length takes tens of milliseconds and much memory: whoever calls it bounds how many do so at once.

use argon2::password_hash::phc::PasswordHash;
use argon2::{ARGON2ID_IDENT, Argon2, Params, PasswordHasher, PasswordVerifier};

mod breached;

pub use breached::Breached;

/// The fewest characters of a password. No kinds of characters are asked for: length is what counts (OWASP ASVS 5.0, 6.2).
pub const LEAST_CHARACTERS: usize = 12;

/// The most bytes of a password: 64 characters of any script, and more of most.
pub const MOST_BYTES: usize = 256;

/// How many guesses a password has to withstand, as a power of ten.
const LEAST_GUESSES: f64 = 8.0;

/// How passwords are kept: the least that OWASP's cheat sheet on password storage asks for, 19 MiB and two passes.
const PARAMETERS: Params = Params::DEFAULT;

/// Why a password is not good enough. The texts are for whoever chose it, and never repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Too few characters.
    #[error("Found {0} characters; expected {LEAST_CHARACTERS} or more. A few unrelated words make a good password.")]
    Short(usize),
    /// Too many bytes.
    #[error("Found {0} bytes; expected {MOST_BYTES} or fewer.")]
    Long(usize),
    /// Common, a pattern, or made of what everybody knows of its owner.
    #[error(
        "This password is easy to guess. Expected one that is not made of common words, patterns or your own name."
    )]
    Guessable,
    /// Known to those who try passwords.
    #[error(
        "This password is in a list of passwords that were stolen elsewhere. Expected one that is used nowhere else."
    )]
    Breached,
}

/// What came of comparing a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one.
    Right,
    /// It is the one, and is to be hashed anew: it was hashed by weaker parameters.
    RightAndStale,
    /// It is not.
    Wrong,
}

/// A password could not be hashed: no memory or no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashFailure(argon2::password_hash::Error);

/// Checks a password that somebody chooses. `context` is what everybody knows of them: name, address.
pub fn check(password: &str, context: &[&str]) -> Result<(), Weakness> {
    let characters = password.chars().count();
    if characters < LEAST_CHARACTERS {
        return Err(Weakness::Short(characters));
    }
    if password.len() > MOST_BYTES {
        return Err(Weakness::Long(password.len()));
    }
    let written_together = |text: &&str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let together: Vec<String> = context.iter().map(written_together).collect();
    let parts = context.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([*text]));
    // A part of a letter or two would find itself everywhere.
    let telling = parts.chain(together.iter().map(String::as_str)).filter(|part| part.chars().count() > 2);
    let known: Vec<&str> = telling.chain(["casebook", "postmortem"]).collect();
    if zxcvbn::zxcvbn(password, &known).guesses_log10() < LEAST_GUESSES {
        return Err(Weakness::Guessable);
    }
    Ok(())
}

/// What is kept of a password: a PHC string with a salt of its own.
pub fn hash(password: &str) -> Result<String, HashFailure> {
    let hash: PasswordHash = hasher().hash_password(password.as_bytes()).map_err(HashFailure)?;
    Ok(hash.to_string())
}

/// Compares a password with what is kept. Where nothing is kept it takes as long, and is wrong.
pub fn verify(password: &str, kept: Option<&str>) -> Verdict {
    let Some(kept) = kept.and_then(|kept| PasswordHash::new(kept).ok()) else {
        let _as_long: Result<PasswordHash, _> =
            hasher().hash_password_with_salt(password.as_bytes(), b"nobody's account");
        return Verdict::Wrong;
    };
    match hasher().verify_password(password.as_bytes(), &kept) {
        Ok(()) if is_stale(&kept) => Verdict::RightAndStale,
        Ok(()) => Verdict::Right,
        Err(_) => Verdict::Wrong,
    }
}

fn hasher() -> Argon2<'static> {
    Argon2::from(PARAMETERS)
}

fn is_stale(kept: &PasswordHash) -> bool {
    let cost = |parameters: &Params| (parameters.m_cost(), parameters.t_cost(), parameters.p_cost());
    let same = Params::try_from(kept).is_ok_and(|parameters| cost(&parameters) == cost(&PARAMETERS));
    kept.algorithm != ARGON2ID_IDENT || !same
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
    use proptest::prelude::*;

    use super::{MOST_BYTES, Verdict, Weakness, check, hash, verify};

    #[test]
    fn a_password_is_long_and_not_easily_guessed() {
        let ada = ["Ada Lovelace", "ada.lovelace@example.com"];
        for good in
            ["correct horse battery staple", "vT9#qLm2&xWz8", "子曰学而时习之不亦说乎有朋", "🌍🌒🦀🐘🌵🎻🧵🪐🫖🧭🪁🪴"]
        {
            assert_eq!(check(good, &ada), Ok(()), "{good}");
        }
        assert_eq!(check("vT9#qLm2&xW", &ada), Err(Weakness::Short(11)));
        assert_eq!(check(&"vT9#qLm2&xWz8".repeat(20), &ada), Err(Weakness::Long(260)));
        for bad in
            ["password1234", "aaaaaaaaaaaaaaaa", "qwertyuiop[]", "123456789012", "casebookcasebook", "AdaLovelace12"]
        {
            assert_eq!(check(bad, &ada), Err(Weakness::Guessable), "{bad}");
        }
    }

    #[test]
    fn sixty_four_characters_of_any_script_are_accepted() {
        let longest: String = "🌍🌒🦀🐘🌵🎻🧵🪐".chars().cycle().take(64).collect();
        assert!(longest.len() <= MOST_BYTES);
        assert_ne!(check(&longest, &[]), Err(Weakness::Long(longest.len())));
    }

    #[test]
    fn the_right_password_is_right_and_every_other_is_wrong() {
        let kept = hash("correct horse battery staple").expect("hashed");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_eq!(verify("correct horse battery staple", Some(&kept)), Verdict::Right);
        for wrong in ["correct horse battery staple ", "Correct horse battery staple", ""] {
            assert_eq!(verify(wrong, Some(&kept)), Verdict::Wrong, "{wrong:?}");
        }
        assert_eq!(verify("correct horse battery staple", None), Verdict::Wrong);
        assert_eq!(verify("correct horse battery staple", Some("$argon2id$")), Verdict::Wrong);
        assert_ne!(hash("correct horse battery staple").expect("hashed"), kept, "each hash has a salt of its own");
    }

    #[test]
    fn a_password_that_was_hashed_by_weaker_parameters_is_to_be_hashed_anew() {
        let weaker = Params::new(8 * 1024, 1, 1, None).expect("parameters");
        let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, weaker);
        let kept: PasswordHash = weaker.hash_password(b"an old one").expect("hashed");
        assert_eq!(verify("an old one", Some(&kept.to_string())), Verdict::RightAndStale);
        assert_eq!(verify("another one", Some(&kept.to_string())), Verdict::Wrong);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_password_makes_the_check_panic(password in "\\PC{0,80}", name in "\\PC{0,20}") {
            prop_assert!(check(&password, &[&name]).is_ok() || check(&password, &[&name]).is_err());
        }
    }
}
